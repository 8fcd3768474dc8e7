# A name server (knot) on the loopback of a namespace of its own, asked as a resolver. Called as: server.sh FOLDER AGENT;
# FOLDER holds the zone and one question a line, words parted by tabs; the answers are left there by number.
set -euo pipefail
folder=$1
agent=$2
ip link set lo up
cd "$folder"
mkdir -p run
cat >knot.conf <<CONF
server:
    rundir: $folder/run
    listen: [127.0.0.53@53]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: $folder/run
template:
  - id: default
    storage: $folder
    journal-content: none
    zonefile-sync: -1
    semantic-checks: off
zone:
  - domain: example
    file: example.zone
  - domain: in-addr.arpa
    file: reverse.zone
  - domain: ip6.arpa
    file: reverse6.zone
  - domain: kaputt.example
    file: there-is-none.zone
CONF
knotd -c knot.conf 2>knot.log &

# Waits until the server listens; each look is a fresh state of the kernel's socket table, bounded to ten seconds.
for _ in $(seq 200); do
  if [ -n "$(ss -Hlnu 'src = 127.0.0.53:53')" ]; then break; fi
  read -r -t 0.05 <> <(:) || true
done
ss -Hlnu 'src = 127.0.0.53:53' | grep -q . || { cat knot.log >&2; exit 1; }

number=0
while IFS= read -r line; do
  mapfile -t words < <(tr '\t' '\n' <<<"$line")
  status=0
  "$agent" "${words[@]}" >"$number.out" 2>"$number.err" || status=$?
  echo "$status" >"$number.status"
  number=$((number + 1))
done <questions
kill %1
wait
