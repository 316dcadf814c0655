//! Importing users from a file: it is looked at first, and nothing is made before one says so.
//!
//! One form with a native file input does it all. Without JavaScript the server answers it with
//! this page and what came of the file; with JavaScript the page shows the same answer itself.

use crate::browser;
use crate::calls::lacking;
use crate::components::copy;
use crate::components::field::warning;
use crate::components::icon::{Icon, icon};
use crate::components::live::on;
use crate::error::AppError;
use crate::pages::{head, title};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::{Event, SubmitEvent};
use leptos::form::form_data_from_event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use menshen_domain::catalogue::{USER_ADD, USER_IMPORT};
use menshen_domain::people::{BadLine, ImportReport, OneTimePassword};

/// Where the form is sent.
const ACTION: &str = "/admin/users/import";

/// What is known of the file.
type Known = RwSignal<Option<Result<ImportReport, AppError>>>;

/// The page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let template = view! {
        <a
            class="button"
            href="/admin/users/import/template.csv"
            download="users.csv"
            rel="external"
        >
            {icon(Icon::Download)}
            {t.template}
        </a>
    };
    let body = if ui.may(USER_IMPORT) && ui.may(USER_ADD) {
        page(ui)
    } else if ui.may(USER_IMPORT) {
        lacking(ui, USER_ADD)
    } else {
        lacking(ui, USER_IMPORT)
    };
    view! {
        {title(t.import_users)}
        {head(t.import_users.into_any(), t.import_text.into_any(), template.into_any())}
        {body}
    }
}

fn page(ui: Ui) -> AnyView {
    let t = ui.t;
    let (report, csv) = ui
        .import
        .with_value(|o| o.as_ref().map(|o| (o.report.clone(), o.csv.clone())))
        .unzip();
    let known: Known = RwSignal::new(report);
    let pending = RwSignal::new(false);
    let csv = csv.filter(|csv| !csv.is_empty());
    let held = csv.is_some();
    let kept = csv.map(|csv| {
        view! {
            <textarea name="csv" hidden=true aria-hidden="true" tabindex="-1">
                {csv}
            </textarea>
        }
        .into_any()
    });
    let on_submit = move |event: SubmitEvent| {
        let Ok(form) = form_data_from_event(&event) else {
            return;
        };
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        spawn_local(async move {
            let answer = browser::post_form(ACTION, &form).await;
            let answer = answer.and_then(|json| {
                serde_json::from_slice(json.as_bytes()).map_err(|_| AppError::unreadable())
            });
            pending.try_set(false);
            if let Err(error) = &answer {
                ui.react(error);
            }
            known.try_set(Some(answer));
            browser::focus("#import-report");
        });
    };
    let forget = move |_: Event| known.set(None);
    view! {
        <div class="import">
            <form
                id="import-form"
                class="card padded"
                method="post"
                action=ACTION
                enctype="multipart/form-data"
                on:submit=on(on_submit)
            >
                <div class="field">
                    <label for="import-file">{t.import_file}</label>
                    <input
                        id="import-file"
                        class="drop"
                        type="file"
                        name="file"
                        accept=".csv,text/csv"
                        required=!held
                        aria-describedby="import-file-hint"
                        on:change=on(forget)
                    />
                    <p class="hint" id="import-file-hint">
                        {t.import_file_hint}
                    </p>
                </div>
                {kept}
                <div class="actions">
                    <button type="submit" name="step" value="check" class="button primary">
                        {move || {
                            pending
                                .get()
                                .then(|| {
                                    view! { <span class="spinner" aria-hidden="true"></span> }
                                        .into_any()
                                })
                        }}
                        {t.check_file}
                    </button>
                </div>
            </form>
            <div id="import-report" tabindex="-1" role="status">
                {move || known.get().map(|known| outcome(ui, known))}
            </div>
            {help(ui)}
        </div>
    }
    .into_any()
}

fn outcome(ui: Ui, known: Result<ImportReport, AppError>) -> AnyView {
    match known {
        Ok(report) if report.created > 0 => made(ui, report),
        Ok(report) => found(ui, &report),
        Err(error) => warning(ui, &error),
    }
}

fn number(n: usize) -> (i64, String) {
    let n = i64::try_from(n).unwrap_or_default();
    (n, count(n))
}

/// What would come of the file.
fn found(ui: Ui, report: &ImportReport) -> AnyView {
    let t = ui.t;
    let (good, good_text) = number(report.good);
    let (bad, bad_text) = number(report.bad);
    let (_, total) = number(report.total);
    let button = |step: &'static str, class: &'static str, label: String| {
        view! {
            <button type="submit" form="import-form" name="step" value=step class=class>
                {label}
            </button>
        }
        .into_any()
    };
    let acts = match (good, bad) {
        (0, _) => None,
        (_, 0) => Some(button(
            "import",
            "button primary",
            t.import_n(good, &good_text),
        )),
        _ => Some(button(
            "partial",
            "button",
            t.import_good(good, &good_text, &bad_text),
        )),
    };
    let verdict = if bad == 0 {
        t.all_good(good, &good_text)
    } else {
        t.some_bad(bad, &bad_text, &total)
    };
    let what_next = (bad > 0).then(|| view! { <p class="hint">{t.import_mend}</p> }.into_any());
    view! {
        <section class="card padded">
            <h2>{verdict}</h2>
            {what_next}
            {(bad > 0).then(|| bad_lines(ui, &report.lines))}
            <div class="actions">{acts}</div>
        </section>
    }
    .into_any()
}

fn bad_lines(ui: Ui, lines: &[BadLine]) -> AnyView {
    let t = ui.t;
    let rows: Vec<AnyView> = lines
        .iter()
        .flat_map(|line| line.errors.iter().map(move |cell| (line, cell)))
        .map(|(line, cell)| {
            view! {
                <tr>
                    <td data-label=t.line class="number">
                        {line.line}
                    </td>
                    <td data-label=t.username>{line.username.clone()}</td>
                    <td data-label=t.column>
                        <code>{cell.error.field.to_string()}</code>
                    </td>
                    <td data-label=t.value>{cell.value.clone()}</td>
                    <td data-label=t.problem>{ui.sentence(&cell.error.text)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="table-card">
            <table class="table bad-lines">
                <caption class="hidden">{t.problem}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="number">
                            {t.line}
                        </th>
                        <th scope="col">{t.username}</th>
                        <th scope="col">{t.column}</th>
                        <th scope="col">{t.value}</th>
                        <th scope="col">{t.problem}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What came of it.
fn made(ui: Ui, report: ImportReport) -> AnyView {
    let t = ui.t;
    let (created, text) = number(report.created);
    let (bad, bad_text) = number(report.bad);
    let passwords = (!report.passwords.is_empty()).then(|| told(ui, report.passwords));
    let left = (bad > 0).then(|| {
        view! {
            <p>{t.left_out(bad, &bad_text)}</p>
            {bad_lines(ui, &report.lines)}
        }
        .into_any()
    });
    view! {
        <section class="card padded">
            <h2>{t.imported(created, &text)}</h2>
            {passwords}
            {left}
            <div class="actions">
                <a class="button primary" href="/admin/users?sort=createTime&order=desc">
                    {t.see_users}
                </a>
            </div>
        </section>
    }
    .into_any()
}

/// The passwords that were made up, as lines that can be copied.
fn told(ui: Ui, passwords: Vec<OneTimePassword>) -> AnyView {
    let t = ui.t;
    let lines: Vec<String> = passwords
        .into_iter()
        .map(|told| format!("{}\t{}", told.username, told.password))
        .collect();
    let lines = lines.join("\n");
    let shown = lines.clone();
    view! {
        <div class="field">
            <label for="import-passwords">{t.import_passwords}</label>
            <textarea id="import-passwords" class="input code" readonly=true rows="8">
                {shown}
            </textarea>
            <p class="hint">{t.import_passwords_hint}</p>
            <div>
                {copy::button(ui, t.copy, "button small js-only", false, move || lines.clone())}
            </div>
        </div>
    }
    .into_any()
}

/// What the columns are.
fn help(ui: Ui) -> AnyView {
    let t = ui.t;
    let rows: Vec<AnyView> = [
        ("username", t.column_username),
        ("nickname", t.column_nickname),
        ("password", t.column_password),
        ("phone", t.column_phone),
        ("email", t.column_email),
        ("sex", t.column_sex),
        ("status", t.column_status),
        ("deptPath", t.column_dept),
        ("roles", t.column_roles),
        ("remark", t.column_remark),
    ]
    .into_iter()
    .map(|(name, text)| {
        view! {
            <dt>
                <code>{name}</code>
            </dt>
            <dd>{text}</dd>
        }
        .into_any()
    })
    .collect();
    view! {
        <details class="card padded help">
            <summary>{t.import_columns}</summary>
            <dl class="facts">{rows}</dl>
        </details>
    }
    .into_any()
}
