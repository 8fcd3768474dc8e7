//! Changes records a little, over and over, and has every record parser and the whole audit read them: nothing panics,
//! nothing takes long. `RUNDGANG_FUZZ_ROUNDS` says how often (4000), `RUNDGANG_FUZZ_SEED` where to begin (1).

use rundgang_inventory::mail::{
    Context, DomainEvidence, PolicyFetch, judge,
    lookup::{Answer, Question, RecordType},
    plan::{Limits, gather},
    read_by_all,
    spf::tree,
};
use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

/// A record of type SOA.
const SOA: &str = "ns1.schule.example hostmaster.schule.example 4294967295 1 2 3 4";
/// Records of every format, right ones and odd ones.
const CORPUS: [&str; 20] = [
    "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx:mx.schule.example/28//64 include:_spf.post.example ~all",
    "v=spf1 exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.%{o} exp=erklaerung.%{h}",
    "v=spf1 include:schule.example include:a.schule.example include:b.schule.example -all",
    "v=spf1 ptr +all mx",
    "v=DKIM1; k=rsa; t=y:s; h=sha1:sha256; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKm8Y0d2nXnVZJ1kk8sPqz3kqk0CAwEAAQ==",
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "p=",
    "v=DMARC1; p=reject; sp=none; np=quarantine; pct=20; t=y; psd=n; rua=mailto:a@b.example!10m,mailto:c@d.example; fo=1",
    "v=DMARC1; p=none; rua=https://x.example",
    "v=STSv1; id=20261122",
    "version: STSv1\r\nmode: enforce\r\nmx: *.schule.example\r\nmx: mx.schule.example\r\nmax_age: 86400\r\n",
    "v=TLSRPTv1; rua=mailto:tls@schule.example,https://berichte.example/v1",
    "v=BIMI1; l=https://schule.example/logo.svg; a=",
    "3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "2 0 2 ff",
    "0 issue \"ca.example; validationmethods=dns-01\"",
    "128 iodef \"mailto:caa@schule.example\"",
    "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
    SOA,
    "%{d}%{ir}%{l1r+-}%{S20}%%%_%-",
];

/// Pieces that mean something to one parser or another.
const PIECES: [&str; 24] = [
    ";",
    "=",
    ":",
    "/",
    "//",
    "%{",
    "}",
    ",",
    "\"",
    "\\",
    "\0",
    "ü",
    "..",
    "*.",
    " ",
    "/0",
    "/33",
    "/129",
    "v=",
    "p=",
    "include:",
    "redirect=",
    "mailto:",
    "99999999999999999999",
];
/// No TXT record is longer.
const MOST_BYTES: usize = 65_535;
/// No text may take longer, even without optimisation on a busy machine.
const MOST_TIME: Duration = Duration::from_secs(20);
/// No domain may be asked more.
const MOST_QUESTIONS: usize = 2500;

/// Numbers that look like chance and come again with the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default() % limit.max(1)
    }

    fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A text from the corpus with a few changes.
    fn text(&mut self) -> String {
        let mut bytes = self.one(&CORPUS).as_bytes().to_vec();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            let end = (at + 1 + self.below(12)).min(bytes.len());
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 => drop(bytes.drain(at.min(end)..end)),
                2 => drop(bytes.splice(at..at, self.one(&PIECES).bytes())),
                3 => drop(bytes.splice(at.., self.one(&CORPUS).bytes())),
                4 => drop(bytes.splice(at..at, self.one(&CORPUS).bytes())),
                // The same piece again and again, up to the whole size of a record.
                _ => {
                    let piece = bytes[at.min(end)..end].repeat(1 << self.below(12));
                    bytes.splice(at..at, piece);
                }
            }
        }
        bytes.truncate(MOST_BYTES);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Every parser on one text, and the tree of what it includes; how many records it is.
fn read(text: &str) -> usize {
    let nothing: BTreeMap<Question, Answer> = BTreeMap::new();
    black_box(tree(&nothing, "schule.example", text));
    read_by_all(text)
}

/// A DNS in which every name has records of every type, made of these texts.
fn answer(texts: &[String], question: &Question) -> Answer {
    let number = question.name.len() % texts.len();
    let records = match question.kind {
        RecordType::A => vec![format!("203.0.113.{}", number + 1), "198.51.100.9".to_owned()],
        RecordType::Aaaa => vec!["2a00::1".to_owned()],
        RecordType::Mx => vec![format!("10 m.{}", question.name), "0 .".to_owned(), texts[number].clone()],
        RecordType::Ns | RecordType::Cname | RecordType::Ptr => vec![format!("n.{}", question.name)],
        RecordType::Soa => vec![SOA.to_owned()],
        _ => texts[number..].to_vec(),
    };
    // An alias that leads back to itself.
    let aliases = if number == 1 { vec![question.name.clone()] } else { Vec::new() };
    Answer { aliases, ..Answer::found(records) }
}

/// The whole audit of one domain: all questions, then all judgements with their proposals.
fn audit(texts: &[String]) {
    let mut evidence = DomainEvidence::new("schule.example", "rg-canary");
    evidence.selectors = vec!["default".to_owned()];
    evidence.hosts = vec!["www".to_owned()];
    evidence.policy = Some(PolicyFetch::Fetched(texts[0].clone()));
    let limits = Limits { connect: false, ask_servers: false, loopback: false };
    gather(&mut evidence, limits, |evidence, wanted| {
        for (question, _) in wanted.questions {
            let answer = answer(texts, &question);
            evidence.lookups.insert(question, answer);
        }
        assert!(evidence.lookups.len() <= MOST_QUESTIONS, "{} questions", evidence.lookups.len());
    });
    black_box(judge(&evidence, &Context::default()));
}

/// Names the input where reading it panics.
struct Reading<'a>(&'a [String]);

#[expect(clippy::print_stderr, reason = "a failing test says what it was about")]
impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while reading {:?}", self.0);
        }
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn changed_records_are_read_without_panic_and_in_time() {
    let seed = setting("RUNDGANG_FUZZ_SEED", 1);
    let rounds = setting("RUNDGANG_FUZZ_ROUNDS", 4000);
    let mut random = Random(seed);
    let (mut texts_read, mut records, mut audits, mut longest) = (0, 0, 0, Duration::ZERO);
    for _ in 0..rounds {
        let texts: Vec<String> = (0..1 + random.below(4)).map(|_| random.text()).collect();
        let reading = Reading(&texts);
        let begun = Instant::now();
        records += texts.iter().map(|text| read(text)).sum::<usize>();
        texts_read += texts.len();
        // An audit takes as long as hundreds of texts.
        if random.below(20) == 0 {
            audit(&texts);
            audits += 1;
        }
        longest = longest.max(begun.elapsed());
        assert!(longest < MOST_TIME, "{longest:?}");
        drop(reading);
    }
    assert!(records > 0 && audits > 0, "nothing of it was a record, or no audit was tried");
    println!(
        "seed {seed}: {texts_read} texts read as {records} records, {audits} audits, the longest took {longest:?}"
    );
}
