//! The contract of the storage: every case runs on SQLite and on PostgreSQL, each time on a
//! database of its own.
//!
//! To add a case: an `async fn(site: &Site)` in the module of its thing, and its name in the list
//! below.

#[path = "contract/access.rs"]
mod access;
#[path = "contract/db.rs"]
mod db;
#[path = "contract/doors.rs"]
mod doors;
#[path = "contract/factors.rs"]
mod factors;
#[path = "contract/migrations.rs"]
mod migrations;
#[path = "contract/records.rs"]
mod records;
#[path = "contract/roles.rs"]
mod roles;
#[path = "contract/sessions.rs"]
mod sessions;
#[path = "contract/site.rs"]
mod site;
#[path = "contract/sqlite_alone.rs"]
mod sqlite_alone;
#[path = "contract/trees.rs"]
mod trees;
#[path = "contract/uploads.rs"]
mod uploads;
#[path = "contract/users.rs"]
mod users;
#[path = "contract/watch.rs"]
mod watch;

macro_rules! contract {
    ($($module:ident: $($case:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::site::on_sqlite(crate::$module::$case).await;
                }
            )+)+
        }
        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::site::on_postgres(crate::$module::$case).await;
                }
            )+)+
        }
    };
}

contract! {
    db:
        it_knows_its_backend_and_answers,
        a_closed_database_gives_an_error,
        what_is_not_committed_is_gone,
        a_commit_outlives_its_caller,
        abandoned_begins_leave_nothing_locked,
        abandoned_work_leaves_nothing_locked,
        serialise_lets_one_at_a_time,
        a_write_is_read_by_the_next,
        events_are_told_before_commit_returns,
        events_of_a_rollback_are_never_told,
        an_event_is_told_once_a_transaction,
        events_reach_another_process,
        what_makes_nothing_stale_is_told_apart,
        a_late_listener_trusts_nothing_from_before,
        changes_are_heard_while_listening,
        odd_text_is_bad_input_and_no_fault;
    migrations:
        migrating_twice_is_fine,
        migrating_twice_at_once_is_fine,
        the_first_role_is_built_in;
    users:
        an_account_is_held_by_one_at_a_time,
        a_user_comes_back_as_it_was_kept,
        names_are_unique_in_any_letter_case,
        a_deleted_users_name_can_be_used_again,
        user_codes_are_never_used_again,
        verified_phones_and_mails_are_unique,
        unverified_phones_and_mails_are_not,
        an_update_writes_every_column,
        a_deleted_user_is_gone_but_kept,
        logins_go_by_name_in_any_case,
        a_login_is_noted,
        a_password_is_set,
        a_rehash_gives_way_to_a_change,
        held_roles_are_replaced,
        lists_are_paged,
        lists_are_sorted_with_missing_last,
        lists_are_filtered,
        searched_text_is_taken_literally,
        searches_know_every_script,
        a_department_filter_takes_in_what_is_below,
        sight_limits_lists,
        active_holders_are_counted,
        users_are_counted,
        ids_come_in_the_order_of_the_list,
        taken_names_are_told;
    roles:
        a_role_comes_back_as_it_was_kept,
        keys_are_unique,
        an_update_writes_every_role_column,
        a_deleted_role_is_held_by_nobody,
        links_are_replaced,
        role_lists_are_filtered_and_paged,
        role_names_are_told_by_id,
        searched_role_text_is_taken_literally,
        options_come_by_sort,
        unknown_ids_are_told,
        patterns_of_several_roles_are_joined,
        active_roles_come_by_sort,
        roles_are_counted;
    access:
        departments_come_in_order_of_the_tree,
        what_is_below_goes_by_whole_ids,
        added_permissions_are_sorted;
    trees:
        a_department_comes_back_as_it_was_kept,
        an_update_writes_every_department_column_but_the_path,
        departments_come_whole_by_sort,
        paths_are_rewritten_with_all_below,
        users_of_a_department_are_counted,
        a_deleted_department_is_named_by_nobody,
        a_menu_comes_back_as_it_was_kept,
        menus_are_linked_through_active_roles,
        added_permissions_are_written,
        an_added_permission_is_unique;
    sessions:
        a_session_comes_back_as_it_was_kept,
        a_session_is_held_as_whoever_was_before_left_it,
        cookies_find_their_session,
        generations_only_grow,
        generations_are_given_out_once_each,
        a_session_is_touched_forward_alone,
        a_session_ends_once,
        all_sessions_of_a_user_end_but_one,
        open_sessions_are_counted,
        refresh_tokens_come_back,
        swept_sessions_take_their_tokens_along,
        a_session_needs_a_user;
    factors:
        a_factor_counts_once_confirmed,
        a_step_is_accepted_once_and_none_before_it,
        recovery_codes_are_spent_once,
        a_ticket_has_its_tries_and_its_end,
        a_passkey_comes_back_as_it_was_kept,
        users_without_any_factor_are_counted,
        a_passkeys_ticket_is_taken_once_by_its_holder;
    doors:
        a_code_is_replaced_and_swept,
        tries_of_a_code_are_counted_in_parallel,
        a_code_is_spent_once,
        an_identity_is_bound_once,
        the_strongest_claim_comes_first,
        of_what_was_told_the_first_counts,
        a_proved_number_is_found_and_taken_from_others;
    watch:
        usable_sessions_are_told,
        sessions_are_narrowed_by_owner_sight_and_filter,
        a_dropped_cookie_names_its_session,
        a_log_comes_back_as_it_was_kept,
        logs_are_filtered_and_newest_first,
        a_log_is_read_in_pieces_while_it_grows_and_shrinks,
        logs_keep_to_sight,
        a_seal_covers_what_has_settled;
    records:
        captchas_are_taken_once,
        captchas_are_taken_once_in_parallel,
        captchas_expire,
        failures_are_counted_in_a_row,
        parallel_failures_are_all_counted,
        a_window_ends_however_often_it_is_asked_for,
        a_count_is_taken_back,
        old_counters_are_swept,
        keys_are_kept_until_they_expire,
        a_key_is_followed_by_the_next,
        a_key_is_activated_kept_and_dropped,
        settings_are_kept_a_row_a_section,
        sign_ins_are_read_newest_first,
        sign_ins_are_counted_since,
        sign_ins_keep_to_the_sight,
        an_audit_entry_keeps_every_column;
    uploads:
        an_upload_comes_back_as_it_was_kept,
        what_nothing_uses_is_taken_out_with_time,
        a_picture_of_somebody_stays_attached,
        known_ids_are_told;
}
