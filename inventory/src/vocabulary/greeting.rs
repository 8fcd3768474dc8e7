//! Fields of greetings: what a service says by itself when a connection stands.

use super::Field;

/// The SSH identification.
pub static SSH_BANNER: Field =
    Field::plain("ssh.banner", "Identification string, 'SSH-2.0-…' (RFC 4253 section 4.2)");
/// The SSH host key.
pub static SSH_HOST_KEY: Field = Field::plain(
    "ssh.host_key",
    "Kind of the host key and SHA-256 of it in hexadecimal digits, as shown in the key exchange (RFC 4253 section 8)",
);
/// The FTP greeting.
pub static FTP_BANNER: Field =
    Field::name("ftp.banner", "Greeting with its reply code (RFC 959 section 4.2)");
/// The telnet greeting.
pub static TELNET_BANNER: Field =
    Field::name("telnet.banner", "Text shown before a login, without option negotiation (RFC 854)");
/// The SMTP greeting.
pub static SMTP_BANNER: Field =
    Field::name("smtp.banner", "Greeting with its reply code (RFC 5321 section 4.3)");
/// The SMTP extensions.
pub static SMTP_EXTENSIONS: Field =
    Field::plain("smtp.extensions", "Keywords of the answer to EHLO, as a list (RFC 5321 section 4.1.1.1)");
/// STARTTLS of SMTP.
pub static SMTP_STARTTLS: Field =
    Field::plain("smtp.starttls", "1 where STARTTLS is offered, else 0 (RFC 3207)");
/// The IMAP greeting.
pub static IMAP_BANNER: Field = Field::name("imap.banner", "Greeting (RFC 9051 section 7.1)");
/// STARTTLS of IMAP.
pub static IMAP_STARTTLS: Field =
    Field::plain("imap.starttls", "1 where STARTTLS was accepted, else 0 (RFC 9051 section 6.2.1)");

pub(super) static ALL: &[&Field] = &[
    &FTP_BANNER,
    &IMAP_BANNER,
    &IMAP_STARTTLS,
    &SMTP_BANNER,
    &SMTP_EXTENSIONS,
    &SMTP_STARTTLS,
    &SSH_BANNER,
    &SSH_HOST_KEY,
    &TELNET_BANNER,
];
