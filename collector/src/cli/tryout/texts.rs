//! What a try says: what it does, what it found, and the exact next command.

use super::TryArgs;

/// What a try is about to do.
pub(super) fn beginning(args: &TryArgs) -> String {
    let walked = if args.scope.is_empty() {
        "this machine alone (127.0.0.1)".to_owned()
    } else {
        args.scope.join(", ")
    };
    let domains = if args.domain.is_empty() {
        String::new()
    } else {
        format!("Looking up: public mail and DNS records of {}\n", args.domain.join(", "))
    };
    let example =
        if args.no_example { "" } else { "Replaying: a recorded example school; nothing of it is sent\n" };
    format!("Walking: {walked}\n{domains}{example}")
}

/// How this program was called, so that a printed command can be typed as it stands.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "rundgang-collector".to_owned())
}

/// The same try again, with its pages.
pub(super) fn see_pages() -> String {
    let words: Vec<String> = std::env::args().filter(|word| word != "--once").collect();
    format!("\nSee all of this as pages in a browser:\n  {}\n", words.join(" "))
}

/// The exact command for the network this machine is in. Reading the interfaces' addresses sends nothing.
pub(super) fn next_command() -> String {
    let network = netdev::get_interfaces()
        .into_iter()
        .filter(|interface| interface.is_up() && !interface.is_loopback())
        .flat_map(|interface| interface.ipv4)
        .find(|network| {
            network.addr().is_private() && network.prefix_len() >= 16 && network.prefix_len() < 31
        });
    let (network, hint) = match network {
        Some(network) => (format!("{}/{}", network.network(), network.prefix_len()), ""),
        None => ("192.168.1.0/24".to_owned(), "\n(put your network in the place of 192.168.1.0/24)"),
    };
    format!(
        "Next, your own network and domain; walk only what you are allowed to{hint}:\n  \
         {} try --scope {network} --class mixed --domain your-school.example\n",
        program()
    )
}
