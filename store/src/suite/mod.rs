//! The one suite that both engines must pass: a list of tests, each run on SQLite and on PostgreSQL.

mod access;
mod accounts;
mod binding;
mod contacts;
mod documented;
mod domains;
mod due;
mod encrypted;
mod formulas;
mod gaps;
mod holding;
mod ingest;
mod keep;
mod learning;
mod leaving;
mod lists;
mod log;
mod mail;
mod orders;
mod post;
mod questions;
mod rebuild;
mod reconcile;
mod register;
mod removal;
mod runs;
mod same_device;
mod school;
mod search;
mod server;
mod sign_in;
mod speed;
mod survey;
mod tasks;
mod tokens;
mod wants;
mod wiring;
mod word;

use crate::Store;

/// Tests that fill every table by hand, with sums of nothing.
const BY_HAND: [&str; 4] = [
    "a_school_takes_its_rows_along_and_no_others",
    "an_export_holds_one_traeger_and_nothing_of_another",
    "every_row_of_a_school_goes_and_no_other",
    "one_traeger_among_several_is_deleted_whole",
];

/// Runs a test; whatever it did, the sums that stand beside the rows are what can be counted.
fn tried(name: &str, test: fn(&Store), store: &Store) {
    test(store);
    if BY_HAND.contains(&name) {
        return;
    }
    for one in store.all_traeger().expect("every Träger") {
        assert!(
            store.traeger(one.id).sums_hold().expect("sums"),
            "the sums of {} are what they were",
            one.name
        );
    }
}

fn on_sqlite(name: &str, test: fn(&Store)) {
    let folder = tempfile::tempdir().expect("a folder for the database");
    tried(name, test, &Store::sqlite(&folder.path().join("book.db")).expect("a database"));
}

fn on_postgres(name: &str, test: fn(&Store)) {
    match server::new_database() {
        Ok(address) => tried(name, test, &Store::postgres(&address).expect("a database")),
        Err(reason) => server::skip(&format!("store postgres::{name}"), &reason),
    }
}

macro_rules! suite {
    ($($module:ident :: $test:ident,)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::on_sqlite(stringify!($test), super::$module::$test); })*
        }
        mod postgres {
            $(#[test] fn $test() { super::on_postgres(stringify!($test), super::$module::$test); })*
        }
    };
}

suite! {
    access::a_token_makes_one_agent,
    access::a_newer_database_is_refused,
    access::no_statement_runs_without_its_traeger,
    access::of_many_with_one_token_one_enrols,
    access::a_foreign_traeger_sees_nothing,
    accounts::an_account_is_opened_changed_closed_and_deleted,
    accounts::an_invitation_is_followed_once,
    accounts::secrets_are_never_exported,
    accounts::what_a_provider_is_assigned,
    binding::a_found_device_is_bound_to_the_entry_it_is,
    binding::a_difference_is_taken_over_or_kept_until_the_device_says_otherwise,
    binding::what_somebody_entered_meanwhile_is_neither_taken_over_nor_kept,
    binding::what_is_kept_holds_for_one_value_and_one_device,
    binding::what_nobody_may_type_is_not_taken_over_either,
    binding::a_mac_address_is_forgotten_where_somebody_kept_a_value_against_it,
    domains::a_changed_exchanger_is_a_finding_with_before_and_after,
    domains::the_end_of_a_domains_contract_is_told_from_the_register,
    domains::what_was_put_right_closes_although_port_25_is_blocked,
    domains::a_busy_zone_hides_no_change_from_another_box,
    domains::reports_go_where_the_traeger_wants_them,
    word::a_shared_domain_is_one_finding_shown_at_each_school,
    domains::domains_are_proposed_and_looked_up_once_confirmed,
    word::a_box_speaks_of_its_own_schools_domains_alone,
    word::a_withdrawn_box_is_nobodys_eyes,
    word::nobody_claims_what_another_school_has_confirmed,
    domains::not_ours_outlives_what_is_still_on_its_way,
    word::the_box_at_the_traeger_stops_when_the_school_says_no,
    word::what_one_school_declines_may_be_anothers,
    contacts::whom_to_call_is_kept_for_a_school_and_for_the_traeger,
    contacts::of_two_who_change_a_contact_or_an_offer_at_once_one_is_told,
    contacts::an_offer_is_used_where_the_register_or_the_school_says_so,
    questions::a_question_that_was_passed_on_is_kept_until_it_is_answered,
    due::a_day_and_a_decision_at_once_are_both_kept,
    due::a_finding_has_a_history_and_a_last_day,
    due::nothing_rests_for_good_or_until_a_day_that_is_over,
    due::what_returns_is_open_again_whatever_was_decided_about_it,
    documented::every_place_agrees_on_what_is_documented,
    gaps::a_certificate_expires_by_the_clock_while_the_agent_works,
    gaps::a_device_is_missed_only_by_a_round_that_looked,
    gaps::decisions_stay_with_their_finding,
    gaps::documenting_closes_the_gap,
    gaps::a_device_that_answers_again_elsewhere_denies_what_is_gone,
    gaps::a_device_that_is_left_alone_denies_nothing,
    gaps::unknown_is_not_absent,
    holding::sites_and_buildings_are_kept_and_counted,
    holding::a_room_is_renamed_and_removed_once_nothing_stands_there,
    holding::a_list_of_rooms_changes_what_it_says_and_all_or_nothing,
    holding::links_and_documents_are_changed_and_removed,
    holding::what_is_said_of_a_school_is_one_truth,
    holding::nothing_is_entered_for_a_school_that_is_none,
    holding::of_two_who_change_a_room_or_a_fact_at_once_one_is_told,
    ingest::a_batch_counts_once,
    ingest::a_wrong_clock_reaches_neither_past_nor_future,
    ingest::agents_speak_for_their_school_only,
    ingest::counters_are_sampled_and_moods_forgotten,
    ingest::several_agents_speak_at_once,
    ingest::unknown_references_are_asked_for,
    keep::what_hangs_on_deleted_things_goes_with_them,
    keep::a_mac_address_is_forgotten_wherever_it_stands,
    keep::a_data_subject_is_told_and_forgotten,
    keep::a_deleted_entry_goes_with_the_audit_log,
    keep::a_traeger_shortens_and_never_lengthens,
    keep::everything_of_one_traeger_is_exported,
    keep::what_is_old_is_deleted_with_proof,
    learning::one_documented_board_teaches_the_others,
    leaving::a_school_takes_its_rows_along_and_no_others,
    leaving::every_row_of_a_school_goes_and_no_other,
    leaving::the_school_beside_it_is_as_if_it_had_never_been,
    leaving::the_sums_of_a_school_go_with_it,
    lists::a_list_is_entered_whole_or_not_at_all,
    lists::a_list_is_taken_back,
    lists::one_device_one_entry,
    lists::ten_thousand_rows_are_entered_quickly,
    log::a_finding_says_who_answers_for_it,
    log::the_log_is_read_part_by_part_by_school_person_day_and_subject,
    log::who_may_sign_in_is_told_only_to_whom_it_concerns,
    mail::what_people_know_of_a_domain_is_kept_and_told,
    mail::of_two_schools_that_claim_a_domain_at_once_one_has_it,
    mail::a_named_sender_stands_in_the_proposed_record,
    mail::nobody_enters_a_secret_or_nonsense_about_mail,
    mail::the_history_of_records_is_read_and_rebuilt,
    mail::the_history_outlives_the_look_ups_it_came_from,
    mail::one_change_seen_by_two_agents_is_told_once,
    mail::a_change_during_an_outage_is_in_the_history,
    orders::a_wish_is_told_once_and_a_pause_stands,
    orders::the_register_tells_its_macs,
    post::a_letter_leaves_once_a_week_whatever_breaks,
    post::a_week_tells_what_is_new_and_what_is_due,
    post::mail_leaves_encrypted_and_passwords_stand_elsewhere,
    post::who_asked_for_it_gets_the_weekly_mail,
    rebuild::a_rebuild_equals_what_grew,
    reconcile::hundreds_are_settled_at_once,
    reconcile::long_lists_are_read_part_by_part,
    reconcile::the_register_and_the_network_disagree_in_three_lists,
    register::answers_as_of_a_day,
    register::nobody_overwrites_silently,
    register::secrets_are_refused,
    register::values_as_of_a_day,
    removal::an_export_holds_one_traeger_and_nothing_of_another,
    removal::one_traeger_among_several_is_deleted_whole,
    same_device::a_ghost_is_no_device,
    same_device::a_copied_server_takes_over_nobody,
    same_device::a_host_key_at_another_address_in_the_middle_of_a_round_is_a_question,
    same_device::a_server_behind_a_router_is_known_by_its_ssh_host_key,
    same_device::a_question_answered_once_is_answered_for_what_comes_later,
    same_device::a_month_of_churn_makes_no_doubles,
    same_device::merge_split_and_back,
    same_device::one_device_seen_by_two_agents,
    same_device::two_that_fit_wait_for_a_person,
    same_device::virtual_machines_stacks_and_what_is_carried_about_stay_one,
    same_device::what_a_merge_answered_is_asked_again_when_it_is_taken_back,
    same_device::what_is_taken_back_after_a_later_merge_stays_in_one_place,
    runs::a_run_goes_its_way_and_is_frozen,
    runs::a_return_is_not_lost_in_submitting,
    runs::a_school_is_reminded_once_a_day,
    runs::a_survey_is_imported,
    runs::answers_are_kept_together_and_over_nobody_elses,
    runs::days_ahead_are_not_sealed,
    runs::last_years_submission_stands_beside,
    wants::the_narrow_reading_answers_every_formula_alike,
    wants::what_a_survey_names_is_all_it_needs,
    survey::an_earlier_day_as_known_then_and_today,
    survey::every_given_answer_can_be_given_again,
    survey::notes_of_a_forgotten_device_are_gone,
    search::a_forgotten_device_takes_its_words_from_its_system,
    search::many_go_from_the_search_as_few_do,
    search::the_search_follows_the_book,
    search::what_people_remember_is_found,
    sign_in::a_link_holds_at_its_own_issuer_alone,
    sign_in::only_ascii_letters_of_a_mail_address_are_folded,
    speed::a_batch_of_256_is_taken_in_quickly,
    tasks::who_does_what_is_kept_and_nobody_overwrites_anybody,
    tokens::a_token_is_bound_as_an_account_is,
    tokens::a_token_lets_a_program_in_until_it_is_withdrawn_or_over,
    wiring::a_device_is_found_on_its_port_and_in_its_room,
    wiring::a_table_that_was_cut_in_the_morning_gives_way_to_the_whole_one,
    wiring::an_idle_port_tells_its_vlan_and_a_table_that_was_cut_places_nobody,
}
