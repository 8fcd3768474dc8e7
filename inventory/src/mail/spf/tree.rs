//! The tree of an SPF record: every include and redirect followed without a sender, every fault with its path.

mod walk;

use super::evaluate::within;
use super::grammar::{Qualifier, SyntaxError};
use crate::mail::lookup::{Lookups, Question};
use std::net::IpAddr;
use walk::Walk;
pub(in crate::mail) use walk::is_wide;

/// One record of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The domain it belongs to.
    pub domain: String,
    /// The record as published.
    pub text: String,
    /// How it was reached: the domains from the root on, this one last.
    pub path: Vec<String>,
}

/// A fault somewhere in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A term that makes the record of a name worthless.
    Syntax(String, SyntaxError),
    /// A name in the tree has several SPF records.
    Multiple(String),
    /// An included name has no SPF record.
    IncludeMissing(String),
    /// The target of redirect has no SPF record.
    RedirectMissing(String),
    /// A record includes itself in the end.
    Loop(String),
    /// The discouraged mechanism `ptr`.
    Ptr(String),
    /// Everyone may send: `+all`, here or in an included record.
    Permissive(String),
    /// A network far too wide.
    Overbroad(String),
    /// `redirect=` next to `all`.
    RedirectIgnored,
    /// Mechanisms after `all`.
    AfterAll(String),
    /// A name that leads nowhere.
    Void(String),
    /// More than ten mail exchangers under one `mx`.
    ManyExchangers(String),
}

/// A record with everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The records in the order they were met, the root first.
    pub nodes: Vec<Node>,
    /// The faults, each with the path of domains that leads to it.
    pub problems: Vec<(Problem, Vec<String>)>,
    /// How many terms need the DNS in the worst case.
    pub lookups: usize,
    /// The terms counted in [`Self::lookups`], as `domain: term`.
    pub counted: Vec<String>,
    /// What the record says of everyone else; none where a look-up failed on the way.
    pub rest: Option<Qualifier>,
    /// Whether `rest` was written, not implied.
    pub rest_written: bool,
    /// Networks that may send.
    pub senders: Vec<(IpAddr, u8)>,
    /// Whether some terms depend on the single mail (macros), so that the senders are not fully known.
    pub depends_on_mail: bool,
    /// Names whose look-up failed: nothing is said about them.
    pub uncertain: Vec<String>,
    /// Questions still to be asked.
    pub needs: Vec<Question>,
}

impl Tree {
    /// Whether any of the faults makes the evaluation end in permerror.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|(problem, _)| {
            matches!(
                problem,
                Problem::Syntax(..)
                    | Problem::Multiple(_)
                    | Problem::IncludeMissing(_)
                    | Problem::RedirectMissing(_)
                    | Problem::Loop(_)
            )
        })
    }

    /// Whether an address is among the networks that may send.
    #[must_use]
    pub fn lists(&self, ip: IpAddr) -> bool {
        self.senders.iter().any(|&(network, prefix)| within(ip, network, prefix))
    }
}

/// Follows the record `text` of `domain`. Look-ups that are missing are named in [`Tree::needs`].
#[must_use]
pub fn tree(known: &dyn Lookups, domain: &str, text: &str) -> Tree {
    let mut tree = Walk::through(known, domain, text);
    tree.needs.sort();
    tree.needs.dedup();
    tree
}

#[cfg(test)]
mod tests {
    use super::walk::MOST_NODES;
    use super::*;
    use crate::mail::lookup::{Answer, Outcome, RecordType};
    use std::collections::BTreeMap;

    fn zone(records: &[(&str, RecordType, &str)]) -> BTreeMap<Question, Answer> {
        let mut zone: BTreeMap<Question, Answer> = BTreeMap::new();
        for &(name, kind, text) in records {
            zone.entry(Question::new(name, kind))
                .or_insert_with(|| Answer::found(Vec::new()))
                .records
                .push(text.to_owned());
        }
        zone
    }

    /// Follows a record; what the zone does not hold does not exist.
    fn follow(mut zone: BTreeMap<Question, Answer>, text: &str) -> Tree {
        loop {
            let tree = tree(&zone, "schule.example", text);
            if tree.needs.is_empty() {
                return tree;
            }
            for need in tree.needs {
                zone.insert(need, Answer::nothing(Outcome::NoName));
            }
        }
    }

    #[test]
    fn faults_are_found_with_their_path() {
        use RecordType::{A, Txt};
        let zone = zone(&[
            ("open.example", Txt, "v=spf1 ip4:192.0.2.0/28 +all"),
            ("none.example", Txt, "hello"),
            ("ring.example", Txt, "v=spf1 include:ring2.example -all"),
            ("ring2.example", Txt, "v=spf1 include:ring.example -all"),
            ("wide.example", Txt, "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"),
            ("two.example", Txt, "v=spf1 -all"),
            ("two.example", Txt, "V=SPF1 mx"),
            ("names.example", Txt, "v=spf1 PTR:schule.example ?all"),
            ("bad.example", Txt, "v=spf1 ip4:1.2.3.4/40"),
            ("mail.example", A, "192.0.2.9"),
        ]);
        let check = |text: &str, expected: &dyn Fn(&Tree) -> bool| {
            let tree = follow(zone.clone(), text);
            assert!(expected(&tree), "{text}: {tree:#?}");
        };
        let has = |tree: &Tree, wanted: fn(&Problem) -> bool| tree.problems.iter().any(|(p, _)| wanted(p));
        check("v=spf1 include:open.example -all", &|t| has(t, |p| matches!(p, Problem::Permissive(_))));
        check("v=spf1 ?include:open.example -all", &|t| !has(t, |p| matches!(p, Problem::Permissive(_))));
        check("v=spf1 include:none.example -all", &|t| has(t, |p| matches!(p, Problem::IncludeMissing(_))));
        check("v=spf1 redirect=none.example", &|t| has(t, |p| matches!(p, Problem::RedirectMissing(_))));
        check("v=spf1 include:ring.example -all", &|t| has(t, |p| matches!(p, Problem::Loop(_))));
        check("v=spf1 include:wide.example -all", &|t| has(t, |p| matches!(p, Problem::Overbroad(_))));
        check("v=spf1 include:two.example -all", &|t| has(t, |p| matches!(p, Problem::Multiple(_))));
        check("v=spf1 include:names.example -all", &|t| {
            has(t, |p| matches!(p, Problem::Ptr(_))) && t.rest == Some(Qualifier::Fail)
        });
        check("v=spf1 include:bad.example -all", &|t| has(t, |p| matches!(p, Problem::Syntax(..))));
        check("v=spf1 mx -all a", &|t| has(t, |p| matches!(p, Problem::AfterAll(_))));
        check("v=spf1 -all redirect=two.example", &|t| has(t, |p| *p == Problem::RedirectIgnored));
        check("v=spf1 exists:%{i}.x.example include:%{d}.example -all", &|t| {
            t.lookups == 2 && has(t, |p| matches!(p, Problem::IncludeMissing(_)))
        });
        check("v=spf1 a:mail.example", &|t| {
            t.rest == Some(Qualifier::Neutral) && !t.rest_written && t.lists("192.0.2.9".parse().unwrap())
        });
        check("v=spf1 a:gone.example mx:gone.example exists:gone.example -all", &|t| {
            t.problems.iter().filter(|(p, _)| matches!(p, Problem::Void(_))).count() == 3
        });
    }

    #[test]
    fn a_bomb_of_includes_is_bounded() {
        let many: String = (0..500).map(|n| format!(" include:i{n}.example")).collect();
        let mut zone = BTreeMap::new();
        for n in 0..500 {
            zone.insert(
                Question::new(&format!("i{n}.example"), RecordType::Txt),
                Answer::found(vec![format!("v=spf1{many} -all")]),
            );
        }
        let tree = follow(zone, &format!("v=spf1{many} -all"));
        assert!(tree.nodes.len() <= MOST_NODES && tree.lookups > 10);
    }
}
