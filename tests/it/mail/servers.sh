# The servers of five domains on the loopback of a namespace of their own: name servers (knot), a validating resolver
# (unbound), mail exchangers (postfix), policy hosts (nginx). Called as: servers.sh FOLDER COMMAND...; FOLDER gets logs.
set -euo pipefail
folder=$1
shift
. "$(dirname "${BASH_SOURCE[0]}")/../place.sh"
rm -f /etc/resolv.conf
echo 'nameserver 127.0.53.2' >/etc/resolv.conf
mkdir web

# Certificates: FILE NAME, from the authority unless a third word is given.
certificate() {
  local signer=(-CA authority.crt -CAkey authority.key)
  [ -z "${3:-}" ] || signer=()
  request "${signer[@]}" -keyout "$1.key" -out "$1.crt" -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -addext basicConstraints=CA:FALSE
}
for domain in gut alt; do certificate $domain mx.$domain.example; done
certificate falsch mx.other.example
certificate selbst mx2.falsch.example alone
for domain in gut alt falsch; do certificate sts-$domain mta-sts.$domain.example; done
tlsa() { openssl x509 -in "$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1; }
openssl genrsa -out dkim.key 2048 2>>openssl.log
dkim=$(openssl rsa -in dkim.key -pubout -outform DER 2>>openssl.log | base64 -w0 | sed 's/.\{200\}/&" "/g')

# Zones: what is the same in all, then what is not.
common() {
  cat <<ZONE
\$ORIGIN $1.example.
\$TTL 300
@ SOA ns1 hostmaster 1 3600 900 604800 300
@ NS ns1
@ NS ns2
ns1 A 127.0.53.1
ns2 A 127.1.53.1
@ MX 10 mx
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:berichte@$1.example"
default._domainkey TXT "v=DKIM1; k=rsa; p=$dkim"
@ CAA 0 issue "authority.example"
ZONE
}
sts() {
  cat <<ZONE
mta-sts A 127.0.44.1
_mta-sts TXT "v=STSv1; id=1"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@$1.example"
ZONE
}
{ common gut; sts gut; echo "mx A 127.0.25.1"; echo "_25._tcp.mx TLSA 3 1 1 $(tlsa gut)"; } >gut.example.zone
{ common alt; sts alt; echo "mx A 127.0.25.2"; echo "_25._tcp.mx TLSA 3 1 1 $(tlsa gut)"; } >alt.example.zone
{ common falsch; sts falsch; printf '%s\n' "@ MX 20 mx2" "mx A 127.0.25.3" "mx2 A 127.0.25.4"; } >falsch.example.zone
{ common klar; echo "mx A 127.0.25.5"; } >klar.example.zone
{ common zu; printf '%s\n' "@ MX 20 mx2" "mx A 127.0.25.6" "mx2 A 127.0.25.7"; } >zu.example.zone
soa='SOA ns.registry.example. hostmaster.registry.example. 1 3600 900 604800 300'
printf '. 300 %s\n. 300 NS ns.registry.example.\nns.registry.example. 300 A 127.0.53.3\nexample. 300 NS ns.registry.example.\n' "$soa" >root.zone
printf 'example. 300 %s\nexample. 300 NS ns.registry.example.\nns.registry.example. 300 A 127.0.53.3\n' "$soa" >example.zone
for domain in gut alt falsch klar zu; do
  for server in 1 2; do
    printf '%s.example. 300 NS ns%s.%s.example.\nns%s.%s.example. 300 A 127.%s.53.1\n' $domain $server $domain $server $domain $((server - 1))
  done
done >>example.zone
# NAME LISTEN: the head of a configuration of knot.
knot() {
  mkdir -p "$1"
  printf '%s\n' server: "    rundir: /run/lab/$1" "    listen: [$2]" '    udp-workers: 1' '    tcp-workers: 1' '    background-workers: 1' \
    log: '  - target: stderr' '    any: warning' database: "    storage: /run/lab/$1" policy: '  - id: hand' '    manual: on' \
    template: '  - id: default' '    storage: /run/lab' '    journal-content: none' '    zonefile-sync: -1' '    semantic-checks: off' \
    '  - id: signed' '    storage: /run/lab' '    journal-content: none' '    zonefile-sync: -1' '    semantic-checks: off' \
    '    dnssec-signing: on' '    dnssec-policy: hand' zone:
}
zone() { printf '  - domain: %s\n    file: %s.zone\n    template: %s\n' "$1" "$2" "$3"; }
{
  knot registry 127.0.53.3@53
  zone . root default
  zone example example default
} >registry.conf
{
  knot knot '127.0.53.1@53, 127.1.53.1@53'
  for domain in gut alt; do zone $domain.example $domain.example signed; done
  for domain in falsch klar zu; do zone $domain.example $domain.example default; done
} >knot.conf
for domain in gut alt; do
  keymgr -c knot.conf $domain.example generate algorithm=ECDSAP256SHA256 ksk=yes zsk=yes >>"$folder/keymgr.log"
  keymgr -c knot.conf $domain.example ds | grep ' 2 [0-9a-fA-F]*$' >>anchors
done
knotd -c registry.conf 2>"$folder/registry.log" &
knotd -c knot.conf 2>"$folder/knot.log" &
cat >unbound.conf <<CONF
server:
  interface: 127.0.53.2
  username: ""
  chroot: ""
  directory: /run/lab
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-ip6: no
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: anchors
  local-zone: "example." nodefault
remote-control:
  control-enable: no
stub-zone:
  name: "."
  stub-addr: 127.0.53.3
  stub-prime: no
CONF
listening -u 127.0.53.1:53
listening -u 127.0.53.3:53
unbound -d -c unbound.conf 2>"$folder/unbound.log" &
listening -u 127.0.53.2:53

# Mail exchangers: one postfix, told apart by their addresses. On .6 nobody listens, on .7 a firewall swallows everything.
postconf -e inet_interfaces=all inet_protocols=ipv4 mydestination= smtpd_peername_lookup=no maillog_file=/dev/stdout \
  myhostname=mx.example smtpd_tls_security_level=may compatibility_level=3.6
postconf -F '*/*/chroot=n'
sed -i '/^smtp  *inet/d' /etc/postfix/master.cf
for exchanger in 1:gut 2:alt 3:falsch 4:selbst; do
  name=${exchanger#*:}
  echo "127.0.25.${exchanger%%:*}:25 inet n - n - - smtpd -o smtpd_tls_cert_file=/run/lab/$name.crt -o smtpd_tls_key_file=/run/lab/$name.key"
done >>/etc/postfix/master.cf
echo "127.0.25.5:25 inet n - n - - smtpd -o smtpd_tls_security_level=none" >>/etc/postfix/master.cf
postfix start-fg >"$folder/mail.log" 2>&1 &
nft add table inet wall
nft add chain inet wall in '{ type filter hook input priority 0; }'
nft add rule inet wall in ip daddr 127.0.25.7 drop

# Policy hosts: one answers well, one names another exchanger, one redirects.
policy() { printf 'version: STSv1\r\nmode: enforce\r\nmx: %s\r\nmax_age: 86400\r\n' "$1"; }
mkdir -p web/gut/.well-known web/alt/.well-known
policy mx.gut.example >web/gut/.well-known/mta-sts.txt
policy mx.elsewhere.example >web/alt/.well-known/mta-sts.txt
{
  echo "worker_processes 1; user root; pid /run/nginx.pid; error_log stderr warn; daemon off; events { worker_connections 64; }"
  echo "http { log_format short '\$server_name \$request'; access_log $folder/nginx.access short;"
  for domain in gut alt falsch; do
    place="root /run/lab/web/$domain"
    [ $domain != falsch ] || place="return 301 https://mta-sts.gut.example\$request_uri"
    echo "server { listen 127.0.44.1:443 ssl; server_name mta-sts.$domain.example; ssl_certificate /run/lab/sts-$domain.crt; ssl_certificate_key /run/lab/sts-$domain.key; $place; }"
  done
  echo "}"
} >nginx.conf
nginx -c /run/lab/nginx.conf 2>"$folder/nginx.log" &
listening -t 127.0.44.1:443
for last in 1 2 3 4 5; do listening -t 127.0.25.$last:25; done

# A server has said a thing as often as it must: FILE WORDS TIMES.
said() {
  for _ in $(seq 400); do
    if [ "$(grep -cF "$2" "$1" 2>/dev/null)" -ge "$3" ]; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  echo "$1 does not say '$2' $3 times" >&2
  return 1
}

status=0
"$@" || status=$?
# Postfix says what each conversation consisted of when it ends, which may be after the audit: five exchangers answer.
[ $status -ne 0 ] || said "$folder/mail.log" ': disconnect from ' 5
exit $status
