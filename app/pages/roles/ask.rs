//! The questions before something happens to a role: disable, delete.

use crate::components::confirm::{Question, ask};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{ROLE_ALTER, ROLE_REMOVE};
use menshen_domain::role::{Role, Status};

/// The question `what` about `role`, when there is such a one. `close`: the address without it;
/// `list`: where to go when the role is gone.
pub(crate) fn question(
    ui: Ui,
    version: RwSignal<u32>,
    what: &str,
    role: &Role,
    close: String,
    list: String,
) -> Option<AnyView> {
    if role.builtin {
        return None;
    }
    match what {
        "disable" if ui.may(ROLE_ALTER) && role.status == Status::Active => {
            Some(disable(ui, version, role, close))
        }
        "delete" if ui.may(ROLE_REMOVE) => Some(delete(ui, version, role, close, list)),
        _ => None,
    }
}

fn disable(ui: Ui, version: RwSignal<u32>, role: &Role, close: String) -> AnyView {
    let t = ui.t;
    let question = Question {
        title: t.disable_role(&role.name),
        text: t.disable_role_text(role.holders),
        then: close.clone(),
        close,
        endpoint: "set_role_status",
        fields: &[("id", role.id.to_string()), ("status", "1".to_owned())],
        typed: None,
        act: t.disable,
        told: |t, name| t.role_status(Status::Disabled, name),
    };
    ask(ui, version, question)
}

/// Who holds the role loses it for good: then its key is typed first.
fn delete(ui: Ui, version: RwSignal<u32>, role: &Role, close: String, list: String) -> AnyView {
    let t = ui.t;
    let held = role.holders > 0;
    let text = if held {
        t.delete_role_held(role.holders)
    } else {
        t.delete_role_free.to_owned()
    };
    let question = Question {
        title: t.delete_role(&role.name),
        text,
        close,
        then: list,
        endpoint: "delete_role",
        fields: &[
            ("id", role.id.to_string()),
            ("name", role.name.clone()),
            ("force", held.to_string()),
        ],
        typed: held.then(|| role.key.clone()),
        act: t.delete_role_button,
        told: |t, name| t.role_deleted(name),
    };
    ask(ui, version, question)
}
