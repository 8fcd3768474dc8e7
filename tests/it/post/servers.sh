# A mail server with sign-in (postfix, dovecot) and a web server (nginx) for what the collector sends by itself, in a place
# of their own. Called as: servers.sh FOLDER COMMAND...; FOLDER gets logs and the mail.
set -euo pipefail
folder=$1
shift
. "$(dirname "${BASH_SOURCE[0]}")/../place.sh"
mkdir mail
for name in mail andere klar hook; do echo "127.0.25.1 $name.kreis.example"; done >>/etc/hosts

# One certificate for the mail server and the web server; none for "andere".
request -CA authority.crt -CAkey authority.key -keyout own.key -out own.crt -subj /CN=mail.kreis.example \
  -addext 'subjectAltName=DNS:mail.kreis.example,DNS:hook.kreis.example' -addext basicConstraints=CA:FALSE

# Dovecot knows one user; postfix asks it, and lets nobody else send.
echo 'rundgang:{PLAIN}Kreide-Schwamm-Tafel' >passwd
{
  echo "protocols ="
  echo "base_dir = /run/dovecot"
  echo "log_path = $folder/dovecot.log"
  echo "ssl = no"
  echo "passdb {"
  echo "  driver = passwd-file"
  echo "  args = /run/lab/passwd"
  echo "}"
  echo "userdb {"
  echo "  driver = static"
  echo "  args = uid=65534 gid=65534 home=/run/lab"
  echo "}"
  echo "service auth {"
  echo "  unix_listener /run/lab/auth {"
  echo "    mode = 0666"
  echo "  }"
  echo "}"
  echo "service anvil {"
  echo "  chroot ="
  echo "}"
} >dovecot.conf
dovecot -F -c /run/lab/dovecot.conf 2>>"$folder/dovecot.log" &

chown 65534:65534 mail
postconf -e inet_interfaces=all inet_protocols=ipv4 mydestination= smtpd_peername_lookup=no maillog_file=/dev/stdout \
  myhostname=mail.kreis.example compatibility_level=3.6 virtual_mailbox_domains=kreis.example \
  virtual_mailbox_base=/run/lab virtual_mailbox_maps=static:mail/ virtual_uid_maps=static:65534 \
  virtual_gid_maps=static:65534 smtpd_sasl_type=dovecot smtpd_sasl_path=/run/lab/auth smtpd_tls_auth_only=yes \
  smtpd_recipient_restrictions=permit_sasl_authenticated,reject smtpd_relay_restrictions=permit_sasl_authenticated,reject \
  smtpd_tls_cert_file=/run/lab/own.crt smtpd_tls_key_file=/run/lab/own.key
postconf -F '*/*/chroot=n'
sed -i '/^smtp  *inet/d' /etc/postfix/master.cf
{
  echo "127.0.25.1:587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes"
  echo "127.0.25.1:465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes"
  echo "127.0.25.1:2525 inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=no"
} >>/etc/postfix/master.cf
postfix start-fg >"$folder/mail.log" 2>&1 &

{
  echo "worker_processes 1; user root; pid /run/nginx.pid; error_log stderr warn; daemon off; events { worker_connections 64; }"
  echo "http { log_format short '\$request \$content_length \$http_x_rundgang_time \$http_x_rundgang_signature'; access_log $folder/nginx.access short;"
  echo "server { listen 127.0.25.1:443 ssl; server_name hook.kreis.example; ssl_certificate /run/lab/own.crt; ssl_certificate_key /run/lab/own.key;"
  echo "location /gut { return 204; } location /weiter { return 302 https://hook.kreis.example/gut; } location /kaputt { return 503; } } }"
} >nginx.conf
nginx -c /run/lab/nginx.conf 2>"$folder/nginx.log" &
for port in 587 465 2525 443; do listening -t 127.0.25.1:$port; done
"$@"
