//! The suites that every backend has to pass, natively and in browsers.
//!
//! A suite is a module of `async` functions that take a [`Place`] and panic where a clause does not hold. The macros
//! [`backend_conformance!`](crate::backend_conformance), [`data_store_conformance!`](crate::data_store_conformance) and
//! [`message_store_conformance!`](crate::message_store_conformance), [`snapshot_store_conformance!`](crate::snapshot_store_conformance) and
//! [`session_store_conformance!`](crate::session_store_conformance) make a test of each function: `#[test]` natively (with `pollster`), `#[wasm_bindgen_test]` on WebAssembly.

#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a suite of tests: each function is named for the clause it checks, and panics where it does not hold"
)]

use crate::backend::Backend;
use async_trait::async_trait;

pub mod accesses;
pub mod atomic;
pub mod backend;
pub mod bytes;
pub mod conversations;
pub mod damage;
pub mod data_store;
pub mod documents;
pub mod expiry;
pub mod finding;
pub mod forks;
pub mod ledger;
pub mod listings;
pub mod messages;
pub mod portable;
pub mod providers;
mod random;
pub mod ranges;
pub mod redo;
pub mod rewinds;
pub mod search;
pub mod session_files;
pub mod session_portable;
pub mod session_recipes;
mod session_setup;
pub mod sessions;
pub mod snapshots;
pub mod streams;
pub mod watching;

/// A storage that is empty at first and stays the same from one opening to the next.
#[async_trait(?Send)]
pub trait Place {
    /// A backend on this storage.
    async fn open(&self) -> Box<dyn Backend>;
}

/// Memory as a place.
#[async_trait(?Send)]
impl Place for crate::backend::memory::Space {
    async fn open(&self) -> Box<dyn Backend> {
        Box::new(crate::backend::memory::Memory::on(self))
    }
}

/// Makes a test of each function of a suite. `$place` is evaluated anew for each.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($suite:ident, $place:expr, [$($name:ident),+ $(,)?]) => {
        mod $suite {
            #[allow(unused_imports, reason = "the place may be a path of the root")]
            use super::*;
            $(
                #[cfg(not(target_arch = "wasm32"))]
                #[test]
                fn $name() {
                    pollster::block_on($crate::conformance::$suite::$name(&$place));
                }

                #[cfg(target_arch = "wasm32")]
                #[wasm_bindgen_test::wasm_bindgen_test]
                async fn $name() {
                    $crate::conformance::$suite::$name(&$place).await;
                }
            )+
        }
    };
}

/// Makes a test of every function of [`backend`] and [`ranges`], on the places that `$place` gives.
#[macro_export]
macro_rules! backend_conformance {
    ($place:expr) => {
        $crate::conformance_tests! { ranges, $place, [
            ranges_come_in_key_order_from_start_to_before_end,
            limits_cut_a_range_from_its_start,
            reversed_ranges_come_from_their_end,
            a_count_is_what_a_read_would_return,
            empty_and_backward_ranges_are_empty,
            one_read_has_a_list_for_each_range,
            keys_only_leaves_values_and_versions_out,
        ] }
        $crate::conformance_tests! { backend, $place, [
            lookups_find_what_is_under_each_key,
            a_read_sees_a_commit_in_all_its_ranges_or_in_none,
            a_commit_is_seen_by_its_object_at_once_and_by_others_after_a_refresh,
            checks_hold_or_fail_by_what_they_expect,
            a_failed_check_leaves_nothing_of_the_batch,
            operations_apply_in_order_and_checks_see_the_state_before,
            versions_rise_with_every_commit,
            range_deletions_are_counted,
            batches_over_a_limit_are_refused_whole,
            reads_over_the_limit_are_refused,
            the_largest_key_and_value_are_kept,
            empty_batches_and_strict_ones_are_commits,
            closed_objects_refuse_and_the_data_stays,
            compact_leaves_what_can_be_read_and_little_else,
            verify_counts_every_entry_and_changes_nothing,
            concurrent_checked_increments_lose_nothing,
            random_batches_act_as_on_a_sorted_map,
        ] }
    };
}

/// Makes a test of every function of [`data_store`], [`bytes`], [`listings`], [`atomic`], [`watching`], [`expiry`], [`finding`], [`accesses`], [`damage`] and
/// [`documents`], on the places that `$place` gives.
#[macro_export]
macro_rules! data_store_conformance {
    ($place:expr) => {
        $crate::conformance_tests! { atomic, $place, [
            every_write_gives_a_record_another_version,
            changes_in_all_stores_are_one_commit,
            a_check_that_does_not_hold_leaves_everything_as_it_was,
            numbers_and_arrays_are_made_of_what_is_there,
            what_an_atomic_deletes_takes_its_counted_reads_with_it,
            nothing_at_all_is_a_commit_too,
            concurrent_atomics_lose_nothing,
            of_those_who_checked_the_same_version_one_is_first,
            updates_are_made_of_what_is_there_and_lose_nothing,
            an_update_that_fails_leaves_the_others_alone,
            where_one_gives_up_in_the_middle_the_others_are_told,
        ] }
        $crate::conformance_tests! { data_store, $place, [
            a_value_comes_back_as_it_was_set,
            a_missing_key_gives_nothing_and_a_stored_null_is_a_value,
            has_tells_whether_a_key_exists,
            a_second_set_replaces_the_value_and_merges_the_metadata,
            records_keep_who_created_them_and_when,
            delete_tells_whether_the_key_existed,
            a_record_set_after_its_deletion_starts_anew,
            delete_many_counts_what_existed,
            what_another_has_just_set_is_deleted_with_the_rest,
            clear_empties_its_namespace_only_and_counts,
            use_namespace_keeps_user_and_agent,
            get_many_keeps_the_order_of_first_naming,
            set_many_counts_distinct_keys_and_keeps_the_last_value,
            set_many_is_all_or_nothing,
            agents_of_one_user_share_data,
            users_are_apart_whatever_their_names_hold,
            odd_keys_are_keys_like_others,
            calls_not_awaited_take_effect_in_order,
            two_databases_merge_metadata_without_losing_any,
            data_survives_a_reopening,
            a_closed_database_refuses_and_waits_for_running_calls,
        ] }
        $crate::conformance_tests! { watching, $place, [
            the_state_comes_first_and_then_every_commit,
            what_comes_before_the_first_look_is_in_the_state,
            only_what_is_watched_is_told,
            what_one_commit_does_is_told_as_one,
            what_others_write_is_told_once_and_in_order,
            large_values_and_large_batches_are_told_whole,
            a_slow_watcher_is_told_the_latest_state,
            a_watch_ends_when_it_is_told_to_or_the_database_is_closed,
            who_follows_the_changes_has_the_state,
            conversations_are_told_of_whatever_happens_in_them,
        ] }
        $crate::conformance_tests! { expiry, $place, [
            whichever_way_it_is_read_it_is_there_until_its_time,
            the_last_set_decides_when_a_record_expires,
            what_has_expired_is_as_if_it_had_never_been,
            it_is_removed_once_whoever_looks,
            what_others_set_expires_here_too,
            a_sweeper_removes_it_at_its_time_and_watchers_see_it_go,
            documents_keep_when_they_expire,
            compaction_removes_what_lists_records_that_are_gone,
        ] }
        $crate::conformance_tests! { finding, $place, [
            what_matches_is_found_in_the_order_that_is_asked_for,
            what_a_record_is_of_can_be_asked_for_too,
            a_covering_index_needs_no_records_that_are_small,
            pages_go_on_where_the_cursor_says,
            an_index_is_kept_by_every_change,
            others_heed_an_index_that_was_just_declared,
            an_index_is_built_while_others_write,
            an_index_that_is_given_up_leaves_nothing,
            long_texts_are_told_apart,
            a_watch_can_be_of_what_matches,
            an_index_that_is_declared_anew_while_it_is_built_lists_everything,
            what_does_not_change_is_found_while_others_write,
            large_records_are_listed_and_found,
        ] }
        $crate::conformance_tests! { bytes, $place, [
            bytes_come_back_as_they_were_set,
            whatever_reads_json_gets_a_reference,
            the_same_bytes_are_stored_once,
            whichever_way_a_record_goes_its_reference_goes,
            bytes_that_expire_are_removed,
            an_update_that_gives_the_reference_back_keeps_the_bytes,
            what_is_removed_while_it_is_read_is_an_error,
            two_databases_count_together,
            many_calls_at_once_lose_nothing,
            a_source_that_fails_leaves_what_was_there,
            what_a_killed_writer_left_is_removed,
            compaction_removes_what_a_killed_writer_left,
            an_upload_that_was_taken_for_abandoned_fails,
            calls_take_effect_in_their_order_where_that_is_asked_for,
            documents_carry_their_bytes,
            attachments_of_others_stay_beside_the_bytes,
        ] }
        $crate::conformance_tests! { listings, $place, [
            keys_are_listed_by_prefix_and_sorted_by_code_point,
            pages_walk_all_records_once,
            a_listing_is_of_a_prefix_a_start_and_an_end,
            a_cursor_outlives_its_database_and_is_of_one_listing,
            what_is_there_all_the_time_is_listed_once_and_in_order,
            large_values_end_a_page,
            namespaces_are_listed_sorted_and_only_with_keys,
            many_large_namespaces_are_each_listed_once,
            namespaces_are_put_together_to_groups,
            namespaces_tell_what_they_hold,
        ] }
        $crate::conformance_tests! { accesses, $place, [
            without_an_agent_no_agent_is_named,
            reads_are_counted_only_where_asked,
            counted_reads_are_written_together,
            counted_reads_do_not_bring_a_deleted_record_back,
            counted_reads_do_not_count_for_a_record_that_comes_later,
            the_last_access_is_the_latest_of_all_databases,
            a_damaged_count_harms_no_other_record,
            counted_reads_survive_a_close,
        ] }
        $crate::conformance_tests! { damage, $place, [
            a_damaged_record_is_reported_and_left_alone,
            a_record_of_a_later_format_is_reported_and_left_alone,
        ] }
        $crate::conformance_tests! { documents, $place, [
            the_golden_ids_come_out_of_the_export,
            a_document_has_its_fields_in_order,
            an_export_comes_back_equal,
            the_pair_with_one_id_stays_apart,
            every_known_wrapping_is_taken,
            exact_integers_and_unknown_fields_are_kept,
            gaps_are_filled,
            a_bad_document_is_named_and_nothing_is_written,
            existing_records_are_replaced_or_skipped,
        ] }
    };
}

/// Makes a test of every function of [`conversations`], [`messages`], [`streams`], [`search`] and [`portable`], on the places that
/// `$place` gives.
#[macro_export]
macro_rules! message_store_conformance {
    ($place:expr) => {
        $crate::conformance_tests! { conversations, $place, [
            a_conversation_has_defaults,
            an_existing_id_is_refused_unless_it_is_to_be_overwritten,
            all_conversations_come_in_the_order_of_creation,
            conversations_are_listed_by_their_last_activity_with_a_preview,
            a_conversation_is_renamed_described_and_put_away,
            a_deleted_conversation_leaves_nothing_behind,
            actions_keep_their_order_and_their_fields,
            users_have_conversations_of_their_own,
            another_database_sees_each_change_after_a_refresh,
        ] }
        $crate::conformance_tests! { messages, $place, [
            a_message_comes_back_as_it_was_added,
            an_unknown_conversation_is_refused_unless_it_is_to_be_created,
            an_id_is_that_of_one_message,
            messages_that_nobody_awaited_keep_their_order,
            two_databases_append_without_losing_any,
            many_messages_are_added_at_once_or_not_at_all,
            pages_go_up_and_down_from_any_message,
            a_page_ends_with_its_bytes,
            an_edited_message_is_a_sibling_and_ends_the_path,
            a_message_is_deleted_alone_or_with_what_follows,
            usage_is_summed_and_metadata_merged,
            messages_survive_a_reopening,
            what_another_database_added_just_now_can_be_changed,
            the_first_message_may_say_that_it_stands_at_the_top,
        ] }
        $crate::conformance_tests! { streams, $place, [
            what_was_flushed_is_there_for_everybody,
            a_message_whose_writer_is_gone_is_interrupted,
            a_message_can_fail_or_be_ended,
            pieces_may_be_parts_and_the_end_may_say_it_anew,
            a_message_that_was_deleted_takes_no_more,
            a_long_message_costs_what_its_pieces_cost,
            who_reads_late_sees_the_end_and_no_interruption,
            a_message_of_the_same_id_is_another_one,
            nothing_is_taken_while_the_end_is_written,
        ] }
        $crate::conformance_tests! { search, $place, [
            messages_of_all_conversations_are_found_by_their_words,
            what_is_indexed_and_what_is_not_is_found_alike,
            rare_words_and_messages_that_are_short_come_first,
            deleted_messages_are_not_found_and_their_words_go,
            a_streamed_message_is_found_when_it_is_whole_and_parts_by_their_texts,
        ] }
        $crate::conformance_tests! { portable, $place, [
            the_example_file_comes_back_to_the_letter,
            an_export_comes_back_equal_in_both_forms,
            names_of_files_are_harmless,
            the_index_says_what_is_loaded_and_in_which_order,
            gaps_of_a_file_are_filled,
            existing_conversations_are_refused_replaced_or_left,
            what_was_chosen_is_exported_and_what_is_written_is_interrupted,
            words_that_were_changed_elsewhere_count,
            long_conversations_come_out_in_pieces,
            a_hostile_import_changes_nothing,
        ] }
        $crate::conformance_tests! { providers, $place, [
            every_change_is_handed_over_whole,
            another_store_on_the_provider_takes_what_it_has_once,
            changes_that_come_together_are_handed_over_together,
            a_provider_that_fails_loses_nothing,
            a_message_is_written_while_the_provider_fails,
            what_was_deleted_stays_deleted,
            an_import_hands_over_what_it_took,
            the_newest_state_is_handed_over_from_two_databases,
            a_store_is_a_provider_itself,
        ] }
    };
}

/// Makes a test of every function of [`snapshots`], on the places that `$place` gives.
#[macro_export]
macro_rules! snapshot_store_conformance {
    ($place:expr) => {
        $crate::conformance_tests! { snapshots, $place, [
            every_kind_of_value_comes_back,
            a_missing_key_is_named_as_it_was_asked_for,
            a_second_save_takes_the_place_of_the_first,
            scopes_do_not_interfere,
            keys_that_look_alike_never_meet,
            users_do_not_see_each_other,
            saves_are_made_in_the_order_of_the_calls,
            a_read_sees_what_the_store_was_given_before,
            a_save_that_nobody_waits_for_is_made_all_the_same,
            a_save_that_fails_leaves_the_old_value_and_the_others,
            closing_makes_what_waits_and_refuses_the_rest,
            keys_and_scopes_are_listed_in_order,
            deleting_takes_a_key_with_its_versions,
            deleting_all_takes_a_scope_and_what_is_below,
            a_history_has_the_last_versions,
            what_comes_again_is_stored_once_and_stays_as_long_as_a_version_has_it,
            who_keeps_no_history_leaves_that_of_others,
            pruning_goes_through_all_that_is_below,
            what_another_tab_forgot_is_not_named_again,
            an_import_has_its_turn_in_the_queue,
            a_database_closes_though_nobody_polls_a_save,
            two_databases_save_one_key_and_lose_nothing,
            what_is_exported_is_the_layout_of_the_original,
            an_export_comes_back_as_it_was,
            files_of_the_original_are_taken,
            an_import_says_what_becomes_of_what_exists,
            hostile_files_change_nothing,
            a_snapshot_of_any_size_within_the_limit_is_saved,
            a_hierarchy_has_no_limit_but_that_of_a_key,
        ] }
    };
}

/// Makes a test of every function of [`sessions`], [`rewinds`], [`redo`], [`session_files`], [`ledger`], [`forks`], [`session_portable`] and
/// [`session_recipes`], on the places that `$place` gives.
#[macro_export]
macro_rules! session_store_conformance {
    ($place:expr) => {
        $crate::conformance_tests! { sessions, $place, [
            a_new_session_is_empty_and_not_listed,
            the_first_metadata_are_those_of_the_original,
            histories_are_appended_by_the_panel,
            histories_are_set_cut_and_cleared,
            prompts_are_of_the_user_and_told_newest_first,
            a_run_is_kept_in_short_and_whole,
            notes_and_selections_are_of_the_last_run,
            costs_are_summed_up_and_survive,
            a_checkpoint_is_kept_until_it_is_cleared,
            sessions_are_listed_resolved_renamed_and_deleted,
            users_have_sessions_of_their_own,
            recipes_are_kept_by_what_changes_how_models_work,
        ] }
        $crate::conformance_tests! { rewinds, $place, [
            a_rewind_takes_back_the_newest_run,
            a_rewind_notes_what_its_index_names,
            a_rewind_puts_files_back_as_far_as_it_can,
            the_way_back_is_as_long_as_there_were_runs,
            two_tabs_change_one_session_and_lose_nothing,
            a_rewind_that_ends_anywhere_leaves_the_state_before_or_after,
        ] }
        $crate::conformance_tests! { redo, $place, [
            a_redo_restores_what_a_rewind_took,
            rewinds_and_redos_go_in_turn,
            going_back_to_a_run_takes_all_later_steps,
            what_changes_a_session_forgets_redos_and_what_does_not_keeps_them,
            files_of_the_caller_are_put_back_and_forth,
            going_back_with_files_that_cannot_be_read_keeps_what_can_be_made_again,
            histories_without_turns_come_back,
            an_index_may_name_a_marker,
            two_tabs_rewind_and_redo_at_once,
            a_redo_leaves_the_time_of_the_last_run,
            what_ends_anywhere_leaves_the_state_before_or_after,
            a_redo_with_files_of_the_caller_that_ends_anywhere_can_be_made_again,
        ] }
        $crate::conformance_tests! { session_files, $place, [
            a_file_is_written_read_listed_and_removed,
            a_path_that_leaves_the_top_is_refused,
            writes_are_made_and_kept_with_the_newest_step,
            writes_of_one_file_are_made_in_their_order,
            the_first_state_of_a_file_stays_whatever_its_path_is_written_like,
            a_rewind_puts_back_what_has_a_path_and_says_what_has_none,
            snapshots_tell_how_files_are_before_writes,
            files_of_sessions_and_users_are_apart,
            two_tabs_write_files_and_lose_none,
            writes_that_end_anywhere_are_made_or_not,
            many_writes_take_the_time_of_many,
        ] }
        $crate::conformance_tests! { ledger, $place, [
            what_runs_used_is_summed_up,
            prices_are_for_answers_that_say_no_cost,
            runs_that_were_taken_back_still_count,
            a_deleted_session_keeps_its_days,
            a_session_that_is_imported_again_is_not_counted_twice,
            days_are_of_utc_and_a_range_has_both_its_ends,
            sessions_of_two_tabs_share_a_day,
            costs_that_are_no_numbers_change_nothing,
        ] }
        $crate::conformance_tests! { forks, $place, [
            a_fork_begins_as_the_session_is_now,
            a_fork_begins_as_the_session_was_after_a_run,
            a_session_that_was_taken_back_is_forked_as_far_as_it_stands,
            what_cannot_be_forked_is_refused_and_nothing_is_stored,
            steps_before_any_run_are_forked_too,
            a_fork_has_the_recipes_of_its_session,
            a_fork_is_a_new_session_with_times_of_its_own,
            forks_of_two_tabs_are_whole,
        ] }
        $crate::conformance_tests! { session_portable, $place, [
            the_golden_files_come_out_to_the_letter,
            files_of_the_original_come_back_to_the_letter,
            everything_comes_back_for_another_user,
            existing_sessions_are_refused_replaced_or_left,
            prompts_and_recipes_are_added_to_those_that_there_are,
            the_markdown_of_the_original_is_the_base_recipe,
            hostile_files_of_sessions_change_nothing,
            odd_steps_and_redos_of_a_file_do_no_harm,
            what_is_named_is_exported,
            a_damaged_session_is_set_aside_and_nothing_is_lost,
            a_sound_session_is_set_aside_from_another_tab,
        ] }
        $crate::conformance_tests! { session_recipes, $place, [
            the_base_recipe_is_stored_with_the_first_change,
            a_recipe_that_is_given_later_is_stored_too,
            a_recipe_that_is_set_is_active_until_it_is_taken_away,
            a_run_has_the_hash_of_the_active_recipe,
            recipes_are_put_once_and_found_by_their_hashes,
        ] }
    };
}
