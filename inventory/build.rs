//! Packs the IEEE registry of MAC blocks into one compact sorted file that the library embeds.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::Path};

/// The blocks as text, one `PREFIX<TAB>ORGANISATION` a line: the same form that replaces them at run time.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let mut blocks: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in oui_data::OUI_ENTRIES.values() {
        // CID blocks are no addresses of devices; IAB blocks are the small blocks of former days.
        if !matches!(entry.registry(), oui_data::Registry::Cid) && entry.organization() != "Private" {
            blocks.insert(entry.oui(), entry.organization());
        }
    }
    let mut organisations: BTreeMap<&str, usize> = BTreeMap::new();
    for name in blocks.values() {
        organisations.insert(name, 0);
    }
    let mut packed = String::new();
    for (at, (name, index)) in organisations.iter_mut().enumerate() {
        *index = at;
        let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(packed, "{line}")?;
    }
    packed.push('\n');
    // Blocks in order, so that a look-up is a binary search: prefix, blank, organisation's line number.
    for (prefix, name) in &blocks {
        writeln!(packed, "{prefix} {}", organisations.get(name).copied().unwrap_or_default())?;
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("oui.txt"), packed)?;
    Ok(())
}
