//! Who gets in, and what nobody else sees.

use super::school::{START, School, day, device};
use crate::{AgentDetails, DocumentedSystem, Error, NewAnswer, NewInvitation, NewSchool, Source, Store};

fn details() -> AgentDetails<'static> {
    AgentDetails { name: "box", version: "1", fingerprint: "", certificate_until: START.plus_days(30) }
}

pub(super) fn a_token_makes_one_agent(store: &Store) {
    let traeger = store.ensure_traeger("Kreis", START).expect("a Träger");
    let new = NewSchool { name: "Schule".into(), ..NewSchool::default() };
    let school = traeger.ensure_school(&new, START).expect("a school");
    assert_eq!(traeger.ensure_school(&new, START).expect("the same school"), school);
    let invite = |token_hash: &str, needs_approval| {
        let expires_at = day(1);
        let new = NewInvitation { school, token_hash, note: "", needs_approval, expires_at };
        traeger.invite(&new, ("K", START)).expect("an invitation")
    };
    invite("t1", true);
    let redeem = |token: &str, at| store.redeem_invitation(token, &details(), at, |id| Ok(format!("f{id}")));
    let told = |token: &str, at| redeem(token, at).map(drop).map_err(|error| error.root().to_string());
    assert_eq!(told("t0", START), Err("this token is not known here".into()));
    assert!(told("t1", day(2)).is_err_and(|text| text.contains("expired")));
    // A certificate that cannot be signed leaves the token unused.
    let failed = store.redeem_invitation("t1", &details(), START, |_| Err(Error::Refused("no key".into())));
    assert!(failed.is_err());
    let redeemed = redeem("t1", START).expect("an agent");
    assert!(told("t1", START).is_err_and(|text| text.contains("used before")));
    let found =
        store.agent_by_fingerprint(&format!("f{}", redeemed.agent)).expect("a look-up").expect("the agent");
    assert_eq!(
        (found.id, found.school, found.traeger, found.is_heard()),
        (redeemed.agent, school, traeger.id, false)
    );
    traeger.approve_agent(found.id, ("K", START)).expect("approved");
    assert!(traeger.agent(found.id).expect("the agent").is_heard());
    traeger.renew_agent(found.id, &found.fingerprint, "new", day(9)).expect("renewed");
    let by =
        |fingerprint: &str| store.agent_by_fingerprint(fingerprint).expect("a look-up").map(|agent| agent.id);
    assert_eq!(by(&found.fingerprint), Some(found.id), "until the new certificate was used");
    traeger.renew_agent(found.id, "new", "newer", day(9)).expect("renewed");
    assert_eq!((by(&found.fingerprint), by("newer")), (None, Some(found.id)));
    assert_eq!(store.agent_by_fingerprint("new").expect("a look-up").map(|agent| agent.id), Some(found.id));
    traeger.revoke_agent(found.id, ("K", day(1))).expect("revoked");
    assert!(!traeger.agent(found.id).expect("the agent").is_heard());
    // Who let it in and out stands in the log, and of a token nothing that lets anybody in.
    let told = |subject: String| -> Vec<String> {
        let log = traeger.audit_log(&subject).expect("the log");
        log.iter()
            .rev()
            .map(|one| format!("{} {}: {} -> {}", one.who, one.what, one.before, one.after))
            .collect()
    };
    assert_eq!(
        told(format!("agent {}", found.id)),
        [
            r#"K approve: {"state":"waiting"} -> {"state":"heard"}"#,
            r#"K revoke: {"state":"heard"} -> {"state":"withdrawn"}"#
        ]
    );
    let invited = told(format!("invitation {}", traeger.invitations().expect("invitations")[0].id));
    let [invited] = &invited[..] else { panic!("{invited:?}") };
    assert!(invited.starts_with("K invite: ") && !invited.contains("t1"), "{invited}");
    assert!(traeger.approve_agent(999, ("K", START)).expect_err("no such agent").is_not_found());
}

pub(super) fn of_many_with_one_token_one_enrols(store: &Store) {
    let traeger = store.ensure_traeger("Kreis", START).expect("a Träger");
    let new = NewSchool { name: "Schule".into(), ..NewSchool::default() };
    let school = traeger.ensure_school(&new, START).expect("a school");
    let invitation =
        NewInvitation { school, token_hash: "t", note: "", needs_approval: false, expires_at: day(1) };
    traeger.invite(&invitation, ("K", START)).expect("an invitation");
    let enrolled: usize = std::thread::scope(|scope| {
        let try_once = || {
            let redeemed = store.redeem_invitation("t", &details(), START, |id| Ok(format!("f{id}")));
            usize::from(redeemed.is_ok())
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(try_once)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
    });
    assert_eq!((enrolled, traeger.agents().expect("agents").len()), (1, 1));
}

pub(super) fn a_newer_database_is_refused(store: &Store) {
    let traeger = store.ensure_traeger("Kreis", START).expect("a Träger");
    let raise = "INSERT INTO schema_version (version, name)
                 SELECT 9999, 'x' FROM (SELECT 1 AS traeger_id) t WHERE traeger_id = $1 OR traeger_id = 1";
    traeger.write(|tx| tx.execute(raise, &[])).expect("a higher version");
    let error = store.migrate_again().expect_err("a refusal");
    assert!(matches!(error.root(), Error::Newer { found: 9999, .. }), "{error}");
}

pub(super) fn no_statement_runs_without_its_traeger(store: &Store) {
    let traeger = store.ensure_traeger("Kreis", START).expect("a Träger");
    for sql in [
        "SELECT id FROM school",
        "SELECT id FROM school WHERE id = $1",
        "SELECT traeger_id FROM school",
        "SELECT id, traeger_id FROM school WHERE CAST($1 AS BIGINT) > 0",
        "SELECT id FROM school WHERE traeger_id = $10 AND id = $1",
        "SELECT id FROM school WHERE traeger_id <> $1",
        "INSERT INTO setting (school_id, traeger_id, name, value) VALUES ($1, 2, 'x', 'x')",
        "INSERT INTO setting (traeger_id, school_id, name, value) VALUES ($1 - 1, 0, 'x', 'x')",
        "INSERT INTO setting (traeger_id, school_id, name, value) VALUES (2, $1, 'x', 'x')",
    ] {
        assert!(traeger.read(|tx| tx.query(sql, &[])).is_err(), "{sql}");
    }
}

pub(super) fn a_foreign_traeger_sees_nothing(store: &Store) {
    let mut own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    own.walk(&[device("10.0.0.1", "00:26:ab:00:00:01")], day(0), &["sweep"]);
    let system = DocumentedSystem { school: own.id, name: "Server".into(), ..DocumentedSystem::default() };
    let system = own.traeger.save_system(&system, "A", day(0)).expect("a system");
    let asset = own.asset_ids()[0];
    let other = &foreign.traeger;
    assert_eq!(other.assets(None, 0, 100).expect("assets"), []);
    assert_eq!(other.assets(Some(own.id), 0, 100).expect("assets"), []);
    assert_eq!(other.findings(Some(own.id), true).expect("findings"), []);
    assert_eq!(other.systems(own.id).expect("systems"), []);
    assert_eq!(other.audit_log(&format!("system {system}")).expect("the log"), []);
    assert_eq!(other.asset_keys(asset).expect("keys"), []);
    assert_eq!(other.schools().expect("schools").len(), 1);
    assert!(other.school(own.id).expect_err("no school").is_not_found());
    assert!(other.asset(asset).expect_err("no asset").is_not_found());
    assert!(other.system(system).expect_err("no system").is_not_found());
    assert!(other.agent(own.agent.id).expect_err("no agent").is_not_found());
    assert!(other.check_rules(own.id, day(0)).is_err());
    assert!(other.rebuild(own.id, day(0)).is_err());
    assert!(other.append_batch(own.id, own.agent.id, 99, &[], day(0)).is_err());
    assert!(other.merge_assets(own.id, asset, asset + 1, "B", "", day(0)).is_err());
    let theirs = DocumentedSystem { school: own.id, name: "X".into(), ..DocumentedSystem::default() };
    assert!(other.save_system(&theirs, "B", day(0)).is_err());
    let bound = DocumentedSystem { school: foreign.id, name: "X".into(), asset: Some(asset), ..theirs };
    assert!(other.save_system(&bound, "B", day(0)).is_err());
    let answer = NewAnswer {
        school: own.id,
        survey: "s",
        question: "q",
        source: Source::Person,
        value: 1.into(),
        comment: "",
        evidence: serde_json::Value::Null,
        who: "B",
        valid_from: START,
    };
    assert!(other.record_answer(&answer, day(0)).is_err());
    // The second lock: a statement that forgets its condition still yields nothing of the others.
    if store.dialect() == crate::Dialect::Postgres {
        let all = "SELECT id, traeger_id FROM asset WHERE traeger_id = $1 OR id > 0";
        assert_eq!(other.read(|tx| tx.query(all, &[])).expect("a query"), []);
        assert_eq!(own.traeger.read(|tx| tx.query(all, &[])).expect("a query").len(), 1);
        let smuggled = "INSERT INTO setting (traeger_id, school_id, name, value)
                        SELECT traeger_id - 1, 0, 'x', 'x' FROM school WHERE traeger_id = $1";
        assert!(other.write(|tx| tx.execute(smuggled, &[])).is_err());
    }
}
