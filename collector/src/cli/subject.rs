//! `data-subject`: a person asks what is stored about a device, by its MAC address.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::Clock;
use clap::Args;
use rundgang_inventory::Mac;
use rundgang_store::{MacTraces, Traeger};

#[derive(Args, Debug)]
pub(super) struct SubjectArgs {
    #[command(flatten)]
    book: Book,
    /// The MAC address, in any usual spelling.
    mac: String,
    /// Forget everything that agents told of it.
    #[arg(long)]
    forget: bool,
}

pub(super) fn run(args: &SubjectArgs, clock: &Clock) -> Result<(), CliError> {
    let mac: Mac = args.mac.trim().parse().map_err(|_| CliError::NotAMac(args.mac.clone()))?;
    let (_, traeger) = open(&args.book)?;
    let traces = if args.forget { traeger.forget_mac(mac, clock())? } else { traeger.traces_of_mac(mac)? };
    print(&told(&traeger, mac, &traces, args.forget)?)
}

fn told(traeger: &Traeger, mac: Mac, traces: &MacTraces, forgotten: bool) -> Result<String, CliError> {
    let mut text = if !traces.is_stored() {
        format!("{mac}: not stored\n")
    } else if forgotten {
        format!(
            "{mac}: deleted ({} devices, {} waiting keys, taken out of {} statements of others)\n",
            traces.assets.len(),
            traces.waiting.len(),
            traces.mentions.len()
        )
    } else {
        let mut text = format!("{mac}: stored\n");
        for asset in &traces.assets {
            let asset = traeger.asset(*asset)?;
            let kind = asset.kind.map_or("not recognised", rundgang_inventory::Kind::name);
            text += &format!(
                "  device {} of school {}: {kind}, first seen {}, last seen {}\n",
                asset.id,
                asset.school,
                asset.first_seen.date(),
                asset.last_seen.date()
            );
        }
        let (waiting, mentions) = (traces.waiting.len(), traces.mentions.len());
        text + &format!(
            "  {waiting} waiting keys, {mentions} statements of other devices\n  delete with --forget\n"
        )
    };
    if traces.kept > 0 {
        let verb = if forgotten { "deleted" } else { "stand" };
        text += &format!("  {} notes of people who keep their own value against it {verb}\n", traces.kept);
    }
    for (school, id, name) in &traces.systems {
        text += &format!(
            "  typed into the register by people: {name} (/schule/{school}/register/{id}); change it there\n"
        );
    }
    Ok(text)
}
