//! The REST contract, played against the real application: the router that the program serves,
//! over real connections, on SQLite files and on PostgreSQL databases.
//!
//! To add a case: an `async fn(bench: &Bench)` in the module of its thing, and its name in the
//! list below. What a number `req…` in a name means is told in the security requirements.

mod account;
mod auth;
mod check;
mod cors;
mod depts;
mod docs;
mod document_a;
mod document_c;
mod errors;
mod export;
mod facade_b;
mod facade_d;
mod facade_e;
mod hostile;
mod import;
mod introspect;
mod live;
mod logs;
mod matrix;
mod menus;
mod metrics;
mod otp;
mod passkeys;
mod perm_catalogue;
mod perms;
mod roles;
mod scopes;
mod sessions;
mod settings;
mod support;
mod tables;
mod tokens;
mod upload;
mod users;
mod verify;

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
    account:
        a_profile_and_a_picture_are_ones_own_to_change,
        what_is_no_picture_is_refused,
        a_second_factor_is_set_up_without_scripts,
        own_sessions_are_ended_from_the_page,
        a_password_is_measured_and_not_kept,
        a_browser_goes_to_a_vendor_and_comes_back_in,
        req18_nobody_comes_back_from_another_browsers_trip;
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
        a_logout_of_the_api_leaves_the_admin_ui_alone,
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
    otp:
        req20_any_authenticator_will_do,
        a_login_takes_two_steps_and_ends_as_any_other,
        req25_half_a_login_opens_nothing,
        req18_a_ticket_is_one_clients_for_five_tries,
        req15_parallel_codes_let_one_in,
        req22_recovery_codes_are_good_once,
        req24_a_change_needs_the_password,
        req21_secrets_are_sealed_and_told_to_nobody,
        an_administrator_resets_a_lost_one,
        req52_what_happened_is_in_the_log,
        a_browser_without_scripts_shows_the_code_in_a_second_step,
        a_browser_with_scripts_is_told_what_is_due;
    passkeys:
        a_passkey_is_added_and_signs_in_as_any_login,
        req23_a_challenge_is_answered_once_and_in_time,
        refusals_of_passkeys_are_one_and_the_same,
        req24_a_change_of_passkeys_needs_the_password,
        a_passkey_has_a_name_of_one_to_fifty_characters,
        there_are_twenty_passkeys_at_most,
        passkeys_are_ones_own,
        an_administrator_takes_lost_passkeys_away,
        passkeys_that_are_off_say_so,
        req14_tries_with_passkeys_are_limited,
        req52_passkeys_are_in_the_log_without_secrets,
        a_browser_signs_in_with_a_passkey;
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
        roles_are_sorted_otherwise,
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
    perm_catalogue:
        a_code_is_added_changed_and_removed,
        a_bad_code_or_name_is_refused,
        built_in_codes_are_as_they_are,
        a_code_that_roles_grant_is_removed_by_force,
        req46_a_new_code_is_nobodys_yet,
        req52_changes_of_the_catalogue_are_in_the_log;
    depts:
        a_department_has_every_field,
        a_department_is_held_to_its_bounds,
        siblings_have_names_of_their_own,
        a_moved_department_takes_all_below_along,
        a_tree_has_ten_levels,
        a_department_in_use_stays,
        departments_are_filtered,
        a_disabled_department_is_chosen_for_nobody,
        req46_departments_keep_to_the_data_scope,
        req33_a_move_changes_who_sees_whom_on_every_node,
        moves_at_once_leave_a_tree,
        req52_changes_of_departments_are_in_the_log;
    menus:
        a_menu_has_every_field,
        a_menu_is_held_to_its_bounds,
        a_moved_menu_takes_all_below_along,
        a_menu_with_others_below_stays,
        menus_are_filtered,
        everybody_is_shown_her_own_menus,
        req52_changes_of_menus_are_in_the_log;
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
        users_with_a_password_due_are_listed,
        req52_changes_of_users_are_in_the_log_without_secrets;
    sessions:
        ones_own_sessions_are_listed,
        req33_a_session_of_ones_own_is_ended_at_once,
        all_other_sessions_are_ended,
        everyones_sessions_are_listed_and_filtered,
        everyones_sessions_are_sorted,
        req46_sessions_keep_to_scope_and_rank,
        req55_a_session_ended_on_one_node_is_ended_on_the_other;
    live:
        a_page_is_told_of_changes_until_its_session_ends,
        only_pages_are_told;
    settings:
        settings_are_listed_with_what_they_may_be,
        a_change_counts_at_once_on_every_node,
        what_is_not_good_is_named,
        req29_a_secret_is_kept_and_never_told,
        keys_are_rotated_and_revoked;
    logs:
        req52_sign_ins_are_read,
        req52_operations_are_read_with_before_and_after,
        logs_are_narrowed_by_time_in_both_forms,
        logs_are_sorted_by_time,
        req52_a_changed_entry_is_told,
        req46_logs_keep_to_the_data_scope,
        req46_of_users_out_of_sight_the_log_tells_nothing,
        req50_logs_are_exported_with_formulas_escaped,
        an_export_of_a_log_is_streamed_whole;
    check:
        a_check_says_what_grants_it,
        req46_others_are_checked_by_permission,
        a_check_wants_a_code;
    cors:
        options_without_a_preflight_go_to_the_routes,
        req45_no_preflight_passes_a_guarded_page,
        a_preflight_is_answered_for_listed_origins,
        listed_pages_are_told_of_refusals,
        listed_pages_sign_in_beside_the_admin_uis_cookie,
        req42_the_admin_uis_cookie_is_nothing_to_listed_pages;
    introspect:
        a_clients_question_is_answered,
        req33_a_revoked_sessions_tokens_are_inactive_at_once,
        who_asks_must_say_who_she_is,
        a_question_without_a_token_is_bad;
    verify:
        whoever_is_signed_in_passes,
        permissions_are_asked_for_together,
        any_method_is_answered_but_trace,
        names_that_are_no_ascii_are_encoded,
        verifying_reads_no_database,
        a_mistaken_parameter_lets_nobody_pass,
        req45_forged_proxy_headers_let_nobody_pass,
        nginx_guards_a_page_by_permission;
    metrics:
        req56_figures_are_not_public,
        figures_are_told_in_prometheus_text,
        figures_are_told_while_the_database_is_down;
    export:
        an_export_has_all_that_a_list_shows,
        req50_formulas_are_escaped_and_come_back,
        an_export_is_filtered_and_sorted_as_the_list,
        an_export_keeps_to_the_data_scope,
        an_export_is_streamed_whole,
        req52_an_export_is_in_the_log;
    import:
        a_file_makes_users,
        a_form_makes_users,
        an_export_can_be_imported,
        a_bad_line_stops_all_or_is_left_out,
        files_that_are_none_are_refused,
        req46_an_import_gives_no_more_than_the_importer_holds,
        req52_an_import_is_in_the_log_without_secrets;
    scopes:
        each_scope_shows_its_own,
        the_widest_of_two_roles_wins,
        a_disabled_role_shows_nothing,
        a_scope_follows_the_users_department,
        out_of_sight_is_out_of_reach_at_every_route,
        a_roles_scope_is_set_and_held_to_its_bounds,
        the_overview_keeps_to_the_data_scope,
        req46_what_is_nobodys_to_set_is_not_set,
        req7_a_password_is_reset,
        req8_a_given_password_lasts_for_one_sign_in,
        a_status_is_set;
    upload:
        a_file_is_uploaded_and_served,
        req48_a_document_is_saved_and_not_shown,
        req47_the_content_says_what_a_file_is,
        req47_a_file_past_five_mebibytes_is_413,
        req47_slow_strangers_keep_no_upload_waiting,
        req47_pictures_lose_what_they_carry,
        req48_names_are_made_safe,
        req48_no_other_file_is_served,
        a_form_without_one_file_is_refused,
        whoever_is_signed_in_uploads,
        req47_uploads_are_limited_by_user,
        a_picture_is_worn,
        req52_uploads_are_in_the_log;
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
        a_value_that_does_not_fit_is_told_in_words_of_ours,
        a_nul_in_a_filter_is_refused,
        messages_follow_the_language_and_codes_do_not,
        every_answer_has_its_id_and_its_headers,
        req43_each_page_has_a_fresh_nonce,
        req45_forged_proxy_headers_are_ignored,
        a_believed_proxy_is_believed,
        req42_other_sites_change_nothing_through_a_browser,
        req42_other_sites_call_no_server_function,
        req42_other_sites_forms_sign_nobody_in,
        req42_other_sites_sign_nobody_out,
        req45_cors_is_by_list,
        health_is_told,
        req53_a_broken_database_fails_closed;
    facade_b:
        a_sign_in_answers_as_the_document_says,
        a_new_access_token_is_given_and_the_refresh_token_stays,
        req35_a_replaced_refresh_token_is_no_good_here_either,
        req37_another_client_renews_nothing,
        what_has_ended_renews_nothing,
        errors_of_document_b_have_code_and_msg,
        captchas_and_second_factors_are_told_in_b,
        what_document_b_does_not_tell_is_not_there;
    facade_d:
        a_login_answers_as_document_d_says,
        the_session_is_a_browsers_own,
        role_and_permission_are_of_the_first_role,
        refusals_are_403_with_a_reason,
        req12_that_an_account_is_disabled_is_for_whoever_knows_the_password,
        a_second_factor_is_asked_for_and_taken,
        empty_captcha_fields_are_none_in_d,
        a_captcha_can_be_due_in_d,
        a_logout_ends_the_session,
        the_get_form_can_be_turned_off,
        req42_other_sites_sign_nobody_in_or_out,
        req52_a_password_in_the_address_is_written_nowhere,
        errors_of_document_d_have_its_shape;
    facade_e:
        a_login_answers_as_document_e_says,
        names_are_taken_in_every_spelling,
        any_of_four_names_opens,
        the_sha256_of_the_password_opens,
        ways_that_are_unknown_or_not_set_up_are_named,
        a_phone_opens_with_the_code_sent_to_it,
        req13_the_answer_is_the_same_for_any_number,
        req19_codes_are_limited,
        a_number_of_a_strangers_gains_nothing,
        captchas_and_second_factors_are_told_in_e,
        a_token_is_refreshed,
        a_logout_ends_the_tokens_session,
        who_is_signed_in_is_told,
        anybody_registers,
        refused_registrations_have_the_documents_shape,
        errors_of_document_e_have_its_shape;
    matrix:
        req46_every_route_asks_what_it_declares,
        req46_a_browser_may_what_a_token_may,
        every_server_function_is_listed_once,
        req46_every_server_function_asks_what_is_listed,
        an_access_token_opens_server_functions_too_or_none,
        pages_are_for_the_signed_in,
        pages_do_not_wait_for_routers_that_are_made;
    hostile:
        two_hundred_wrong_bodies_at_every_route,
        odd_addresses_queries_and_headers,
        wrong_bodies_at_every_server_function,
        req52_no_secret_is_logged;
}
