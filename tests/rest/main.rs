//! The REST contract, played against the real application: the router that the program serves,
//! over real connections, on SQLite files and on PostgreSQL databases.
//!
//! To add a case: an `async fn(bench: &Bench)` in the module of its thing, and its name in the
//! list below. What a number `req…` in a name means is told in the security requirements.

mod auth;
mod docs;
mod document_a;
mod document_c;
mod errors;
mod hostile;
mod matrix;
mod perms;
mod roles;
mod support;
mod tables;
mod tokens;
mod users;

/// Each case once on either database.
macro_rules! cases {
    ($($module:ident: $($case:ident),+ $(,)?;)+) => {
        mod sqlite {
            $(mod $module {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        crate::support::on_sqlite(crate::$module::$case).await;
                    }
                )+
            })+
        }
        mod postgres {
            $(mod $module {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        crate::support::on_postgres(crate::$module::$case).await;
                    }
                )+
            })+
        }
    };
}

cases! {
    auth:
        a_captcha_has_the_documents_shape,
        req17_a_captcha_is_read_aloud,
        req16_a_captcha_is_good_once_in_any_letter_case,
        req16_a_captcha_is_verified_first_and_spent_either_way,
        req16_a_captcha_expires,
        req16_a_captcha_is_spent_once_in_parallel,
        req14_captchas_are_limited_by_address,
        a_login_answers_both_documents,
        req34_refresh_tokens_are_kept_hashed,
        req40_over_tls_the_cookie_is_secure,
        a_login_takes_both_spellings_and_ignores_what_it_does_not_know,
        a_login_holds_its_fields_to_their_bounds,
        req4_long_passwords_with_any_characters_are_whole,
        req12_refusals_are_one_and_the_same,
        req9_a_captcha_is_due_after_three_failures_for_a_name,
        req15_parallel_guesses_cant_pass_the_counter,
        a_captcha_can_be_due_always_or_never,
        req10_tries_must_wait_after_many_failures,
        a_post_to_logout_ends_the_session_that_is_shown,
        logging_out_twice_is_refused,
        a_get_to_logout_takes_the_access_token_alone,
        a_browser_logs_out_through_rest_too,
        me_tells_who_is_signed_in,
        a_token_can_be_tested,
        req6_one_changes_ones_own_password,
        req7_a_password_that_is_due_opens_everything_once_changed,
        req9_guessing_the_current_password_is_slowed_too,
        req39_a_browsers_session_is_new_at_every_change_of_privilege,
        req40_the_browsers_cookie_is_for_this_site_alone,
        req52_sign_ins_and_refusals_are_in_the_log;
    tokens:
        the_word_bearer_is_taken_in_any_letter_case,
        req38_refusals_say_how_to_authenticate,
        a_third_party_can_verify_tokens,
        req32_keys_rotate_with_overlap,
        req30_31_forged_and_foreign_tokens_are_refused,
        an_access_token_is_exchanged_for_a_new_one,
        an_expired_token_is_exchanged_while_nothing_newer_was_issued,
        an_expired_token_waits_for_no_clock_of_ours,
        an_exchange_ends_with_the_session,
        req37_another_client_cant_exchange,
        a_session_is_renewed,
        a_browser_renews_with_its_cookie_and_the_header,
        a_renewal_wants_header_and_cookie_and_both_the_same,
        refresh_tokens_and_sessions_expire,
        req37_another_client_cant_renew,
        req37_the_binding_is_as_the_settings_say,
        req35_reuse_after_the_next_was_used_is_theft,
        req36_a_lost_answer_may_be_asked_for_again,
        req36_dropping_every_tenth_answer_logs_nobody_out,
        req36_concurrent_renewals_leave_one_live_branch,
        req33_whoever_is_disabled_or_deleted_renews_nothing,
        req55_a_logout_on_one_node_acts_on_the_other;
    roles:
        a_role_has_every_field_in_both_spellings,
        times_are_in_the_zone_of_the_settings,
        a_role_is_added_in_either_spelling,
        a_role_is_held_to_its_bounds,
        unknown_permissions_are_all_named,
        a_taken_key_is_a_conflict,
        a_role_that_is_not_there_is_404,
        a_change_touches_only_what_is_sent,
        the_built_in_role_is_protected,
        a_role_is_deleted,
        a_role_that_is_held_is_deleted_only_by_force,
        roles_are_listed_by_sort_then_id,
        a_page_holds_two_hundred_roles_at_most,
        roles_are_filtered,
        a_role_list_takes_its_filter_in_the_body,
        a_disabled_role_grants_nothing_from_the_next_request,
        req33_a_change_acts_on_another_node_within_a_second,
        req46_nobody_grants_what_they_lack,
        req46_nobody_shows_more_than_they_see,
        req52_changes_of_roles_are_in_the_log;
    perms:
        all_permissions_are_listed,
        a_roles_permissions_are_queried,
        permissions_are_filtered,
        a_roles_permissions_are_set_in_every_spelling,
        an_empty_list_clears_and_none_is_refused,
        unknown_codes_are_all_named_and_nothing_is_changed,
        a_star_stands_for_one_segment,
        req46_nobody_sets_what_they_lack;
    users:
        anybody_may_sign_up,
        req46_a_sign_up_gives_itself_nothing,
        a_taken_name_or_a_weak_password_is_refused,
        a_closed_registration_is_for_administrators,
        req14_sign_ups_are_limited_by_address,
        a_bad_token_is_no_sign_up,
        an_administrator_makes_users_with_all_fields,
        req46_whoever_adds_users_gives_no_more_than_she_holds,
        a_user_has_every_field_of_the_document,
        the_documents_own_body_changes_a_user,
        req8_an_administrators_password_lasts_for_one_sign_in,
        ones_own_record_is_ones_own,
        req46_whoever_holds_more_is_out_of_reach,
        a_disabled_user_is_out_at_once,
        a_deleted_user_is_gone_but_kept,
        the_last_administrator_stays,
        roles_are_bound,
        req46_nobody_binds_what_they_lack,
        info_has_every_field_of_the_example,
        the_data_scope_is_computed_from_all_active_roles,
        lists_and_records_keep_to_the_data_scope,
        users_are_listed_filtered_and_sorted,
        req52_changes_of_users_are_in_the_log_without_secrets;
    document_a:
        a_login,
        a_logout,
        who_am_i,
        a_token_is_refreshed,
        a_captcha;
    document_c:
        a_test,
        a_logout,
        a_login,
        a_new_session,
        a_role_is_shown,
        a_role_is_changed,
        a_role_is_deleted,
        a_role_is_added,
        roles_are_listed,
        a_roles_permissions_are_set,
        permissions_are_queried,
        permissions_are_listed,
        anybody_signs_up,
        a_user_is_shown,
        a_user_is_changed,
        a_user_is_deleted,
        roles_are_bound,
        a_users_info,
        every_answer_has_the_template;
    docs:
        the_openapi_document_is_served,
        req43_the_page_of_the_documentation_runs_nothing_but_its_own;
    errors:
        an_address_that_is_not_there_is_404,
        a_wrong_method_is_405_with_those_that_are_right,
        req56_trace_shows_nobody_her_headers,
        head_is_get_without_the_body,
        a_body_past_a_mebibyte_is_413,
        ten_megabytes_are_answered_at_every_route,
        broken_requests_harm_nobody,
        messages_follow_the_language_and_codes_do_not,
        every_answer_has_its_id_and_its_headers,
        req43_each_page_has_a_fresh_nonce,
        req45_forged_proxy_headers_are_ignored,
        a_believed_proxy_is_believed,
        req42_other_sites_change_nothing_through_a_browser,
        req42_other_sites_call_no_server_function,
        req42_other_sites_sign_nobody_out,
        req45_cors_is_by_list,
        health_is_told,
        req53_a_broken_database_fails_closed;
    matrix:
        req46_every_route_asks_what_it_declares,
        req46_a_browser_may_what_a_token_may,
        every_server_function_is_listed_once,
        req46_every_server_function_asks_what_is_listed,
        an_access_token_opens_server_functions_too_or_none,
        pages_are_for_the_signed_in;
    hostile:
        two_hundred_wrong_bodies_at_every_route,
        odd_addresses_queries_and_headers,
        wrong_bodies_at_every_server_function,
        req52_no_secret_is_logged;
}
