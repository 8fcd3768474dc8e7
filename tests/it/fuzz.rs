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

    /// One change: a bit, a piece taken out, put in, or put in again and again, the rest of another one.
    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[impl AsRef<[u8]>]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + 1 + self.below(12)).min(bytes.len());
        let other = corpus[self.below(corpus.len())].as_ref();
        match self.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => drop(bytes.splice(at..at, self.one(&PIECES).bytes())),
            3 => drop(bytes.splice(at.., other.iter().copied())),
            4 => drop(bytes.splice(at..at, other.iter().copied())),
            // The same piece again and again, up to the whole size of a record.
            _ => {
                let piece = bytes[at.min(end)..end].repeat(1 << self.below(12));
                bytes.splice(at..at, piece);
            }
        }
    }

    /// A text from the corpus with a few changes.
    fn text(&mut self) -> String {
        let mut bytes = self.one(&CORPUS).as_bytes().to_vec();
        for _ in 0..self.below(6) {
            self.change(&mut bytes, &CORPUS.map(str::as_bytes));
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

/// What strangers' servers say, right and odd: answers of name servers, replies of mail exchangers, answers of policy
/// hosts, a certificate.
fn told() -> Vec<Vec<u8>> {
    // The question, compressed names, one record of the type; the counts stand in the head.
    let message = |kind: u16, data: &[u8]| {
        let kind = kind.to_be_bytes();
        let head = [0, 7, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0];
        let question = [&b"\x06schule\x07example\0"[..], &kind, &[0, 1]].concat();
        let length = u16::try_from(data.len()).expect("a short record").to_be_bytes();
        let record = [&[0xc0, 12][..], &kind, &[0, 1, 0, 0, 1, 0x2c], &length, data].concat();
        [&head[..], &question, &record].concat()
    };
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap_or(255)][..], text.as_bytes()].concat();
    let key = rcgen::KeyPair::generate().expect("a key");
    let named = rcgen::CertificateParams::new(vec!["mx.schule.example".to_owned()]).expect("a name");
    let mut all: Vec<Vec<u8>> = vec![named.self_signed(&key).expect("a certificate").der().to_vec()];
    all.extend([
        message(16, &text(CORPUS[0])),
        message(99, &text(CORPUS[1])),
        message(15, b"\0\x0a\x02mx\xc0\x0c"),
        message(5, b"\xc0\x0c"),
        message(6, b"\x02ns\xc0\x0c\x01h\xc0\x0c\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05"),
        message(52, b"\x03\x01\x01\x01\x23\x45\x67\x89"),
        message(43, b"\x12\x34\x0d\x02\xab\xcd"),
        message(48, b"\x01\x01\x03\x0d\x99\xdb\x2c\xc1"),
        message(257, b"\x80\x05issueca.example"),
        message(1, &[192, 0, 2, 1]),
        message(12, b"\x02mx\xc0\x0c"),
    ]);
    let lines = [
        "220 mx.schule.example ESMTP\r\n",
        "250-mx.schule.example\r\n250-SIZE 1000000\r\n250-XXXXXXXA\r\n250 STARTTLS\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nversion: STSv1\nmode: no\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nvers\r\nfffffffffffffff;x\r\nion\r\n0\r\n\r\n",
        "HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n",
    ];
    all.extend(lines.map(|line| line.as_bytes().to_vec()));
    all
}

#[test]
fn changed_answers_of_servers_are_read_without_panic_and_in_time() {
    let seed = setting("RUNDGANG_FUZZ_SEED", 1);
    let rounds = setting("RUNDGANG_FUZZ_ROUNDS", 4000);
    let mut random = Random(seed);
    let corpus = told();
    let (mut read, mut longest) = (0, Duration::ZERO);
    for bytes in &corpus {
        assert!(rundgang_agent::audit::read_by_all(bytes) > 0, "nobody reads {bytes:02x?}");
    }
    for _ in 0..rounds {
        let mut bytes = corpus[random.below(corpus.len())].clone();
        for _ in 0..random.below(6) {
            random.change(&mut bytes, &corpus);
        }
        bytes.truncate(MOST_BYTES);
        let begun = Instant::now();
        let shown = [format!("{:02x?}", &bytes[..bytes.len().min(2000)])];
        let reading = Reading(&shown);
        read += usize::from(rundgang_agent::audit::read_by_all(&bytes) > 0);
        longest = longest.max(begun.elapsed());
        assert!(longest < MOST_TIME, "{longest:?}");
        drop(reading);
    }
    assert!(read > 0, "nothing of it could be read");
    println!("seed {seed}: {rounds} answers, {read} of them read, the longest took {longest:?}");
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
