//! Proposals from evidence in which persons' mailboxes are masked (promise P4): the record in the zone reads otherwise,
//! so it is neither named nor written out; the one tag that has to change is.

use super::tag_list::TagList;
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::lookup::RecordType;
use crate::mail::wording::Request;
use crate::privacy::MASK;

/// What stands for a masked mailbox in a sentence: it says that something is left out.
const LEFT_OUT: &str = "…";

impl Proposal {
    /// Whether a record or file in it holds a masked mailbox.
    fn is_masked(&self) -> bool {
        let records = self.remove.iter().chain(&self.add).any(is_masked_record);
        let file = self.file.as_ref().is_some_and(|file| file.text.contains(MASK));
        records || file || self.wanted.iter().any(|name| name.contains(MASK))
    }
}

fn is_masked_record(record: &ZoneRecord) -> bool {
    record.value.contains(MASK) || record.name.contains(MASK)
}

impl Draft<'_> {
    /// The same proposal without any masked mailbox: each record that holds one becomes a request to change single tags
    /// of it. None where that cannot be said without the mailbox.
    pub(super) fn without_mask(&self, mut proposal: Proposal) -> Option<Proposal> {
        if !proposal.is_masked() {
            return Some(proposal);
        }
        let masked = proposal.remove.iter().chain(&proposal.add).filter(|record| is_masked_record(record));
        let mut names: Vec<String> = masked.map(|record| record.name.clone()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let request = self.in_place(&name, &proposal)?;
            proposal.ask.push(request);
            let other = |record: &ZoneRecord| record.name != name || record.kind != RecordType::Txt;
            proposal.remove.retain(other);
            proposal.add.retain(other);
        }
        (!proposal.is_masked()).then_some(proposal)
    }

    /// The request to change the TXT record of a name in place.
    fn in_place(&self, name: &str, proposal: &Proposal) -> Option<Request> {
        let here = |records: &[ZoneRecord]| -> Vec<String> {
            let texts = records.iter().filter(|one| one.name == name && one.kind == RecordType::Txt);
            texts.map(|record| record.value.clone()).collect()
        };
        let (old, new) = (here(&proposal.remove), here(&proposal.add));
        match (old.as_slice(), new.as_slice()) {
            ([old], [new]) => {
                let version = new.split(';').next()?.trim().strip_prefix("v=")?;
                let changes = changes(old, &TagList::read(new, version))?;
                let with = [("name", name), ("changes", &*changes)];
                Some(Request::new("dns-provider", "record-tags", with))
            }
            ([first, _, ..], [_]) => {
                let begins = first.split(';').next()?.trim();
                Some(Request::new("dns-provider", "record-merge", [("name", name), ("begins", begins)]))
            }
            _ => None,
        }
    }
}

/// The tags to change, in words that need no translation; none where a mailbox that is not known would have to be
/// written, or nothing changes.
pub(super) fn changes(old: &str, new: &TagList) -> Option<String> {
    let changes = new.changes(old)?;
    let unknown = changes.is_empty() || changes.iter().any(|(_, after)| after.contains(MASK));
    let told = |(before, after): &(String, String)| {
        let after = if after.is_empty() { "–" } else { after };
        format!("{before} → {after}").replace(MASK, LEFT_OUT)
    };
    (!unknown).then(|| changes.iter().map(told).collect::<Vec<_>>().join(" | "))
}

/// Takes masked mailboxes out of the arguments of a request.
pub(super) fn without_mask_in(request: &mut Request) {
    for (_, value) in &mut request.with {
        *value = value.replace(MASK, LEFT_OUT);
    }
}
