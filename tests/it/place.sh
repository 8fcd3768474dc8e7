# A place for servers of their own on the loopback of a fresh namespace, with folders that nobody else sees, an authority that
# this place trusts, and ways to wait. Read by the scripts of tests: `. place.sh`; leaves the caller in /run/lab.
ip link set lo up
mount -t tmpfs tmpfs /run
mkdir -p /run/o/eu /run/o/ew /run/o/vu /run/o/vw /run/lock /run/lab
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/o/eu,workdir=/run/o/ew /etc
mount -t overlay overlay -o lowerdir=/var,upperdir=/run/o/vu,workdir=/run/o/vw /var
rm -rf /var/run
ln -s /run /var/run
cd /run/lab

# Waits until a server listens (-t or -u, ADDRESS:PORT); each look is a fresh state of the kernel's socket table, bounded to
# ten seconds.
listening() {
  for _ in $(seq 200); do
    if [ -n "$(ss -Hln "$1" "src = $2")" ]; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  echo "nothing listens on $1 $2" >&2
  return 1
}

printf '[req]\ndistinguished_name=dn\n[dn]\n' >openssl.cnf
request() { openssl req -config openssl.cnf -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 "$@" 2>>openssl.log; }
request -keyout authority.key -out authority.crt -subj /O=Pruefstelle/CN=authority -addext basicConstraints=critical,CA:TRUE
cp authority.crt /etc/ssl/certs/ca-certificates.crt
