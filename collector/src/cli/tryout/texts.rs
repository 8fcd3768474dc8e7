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

/// A word as it is typed in a shell: between quotes where it holds more than letters, digits and harmless signs.
fn typed(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A command line as it is typed in a shell.
fn command(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().map(|word| typed(&word)).collect::<Vec<_>>().join(" ")
}

/// How this program was called, so that a printed command can be typed as it stands.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "rundgang-collector".to_owned())
}

/// The same try again, with its pages.
pub(super) fn see_pages() -> String {
    let again = command(std::env::args().filter(|word| word != "--once"));
    format!("\nSee all of this as pages in a browser:\n  {again}\n")
}

/// The exact command for the network this machine is in. Reading the interfaces' addresses sends nothing.
pub(super) fn next_command(args: &TryArgs) -> String {
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
    let words = ["try", "--scope", &network, "--class", "mixed", "--domain", "your-school.example"];
    let words = words.into_iter().map(str::to_owned);
    // Whoever keeps the book of this try keeps the next one beside it.
    let kept = args.data.iter().flat_map(|data| ["--data".to_owned(), data.display().to_string()]);
    let next = command(std::iter::once(program()).chain(words).chain(kept));
    format!("Next, your own network and domain; walk only what you are allowed to{hint}:\n  {next}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Words {
        #[command(flatten)]
        args: TryArgs,
    }

    #[test]
    fn commands_can_be_typed_as_they_stand() {
        let check = |words: &[&str], expected: &str| {
            assert_eq!(command(words.iter().map(|&word| word.to_owned())), expected);
        };
        check(
            &["./rundgang-collector", "try", "--scope", "10.0.0.0/24"],
            "./rundgang-collector try --scope 10.0.0.0/24",
        );
        check(&["/my programs/rc", "--data", "/tmp/Probe 1"], "'/my programs/rc' --data '/tmp/Probe 1'");
        check(&["a'b", "$HOME", ""], r"'a'\''b' '$HOME' ''");
    }

    #[test]
    fn the_next_try_keeps_its_book_in_the_same_place() {
        let next = |words: &[&str]| next_command(&Words::parse_from([&["try"], words].concat()).args);
        assert!(next(&["--data", "/tmp/Probe 1"]).ends_with("your-school.example --data '/tmp/Probe 1'\n"));
        assert!(next(&[]).ends_with("--domain your-school.example\n"));
    }
}
