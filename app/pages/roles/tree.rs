//! The permission tree of the role editor.
//!
//! Without JavaScript it is a list of plain boxes. With it, a branch has a box of three states,
//! a filter hides what one does not look for, and a running diff tells what would change.

use crate::browser;
use crate::calls::Submit;
use crate::components::icon::{Icon, icon};
use crate::components::live::{effect, memo, on};
use crate::ui::Ui;
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use menshen_domain::permission::Grants;
use menshen_domain::session::PermissionItem;
use menshen_domain::{Pattern, catalogue};
use std::collections::BTreeSet;
use web_sys::HtmlInputElement;

/// What is ticked, and what was.
#[derive(Clone, Copy)]
pub(crate) struct Picked {
    pub now: RwSignal<BTreeSet<String>>,
    pub saved: StoredValue<BTreeSet<String>>,
    /// What the page comes with: what was sent, where a form came back without JavaScript.
    first: StoredValue<BTreeSet<String>>,
    /// The wildcards and hand-written codes that have a row of their own.
    extra: RwSignal<Vec<String>>,
    /// Whether the boxes follow what is ticked. Before the page is awake they are the browser's.
    awake: RwSignal<bool>,
}

impl Picked {
    /// Of a role that grants `saved`, with `ticked` ticked at first.
    pub(crate) fn new(saved: &[String], ticked: &[String], items: &[PermissionItem]) -> Self {
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let (saved, first) = (set(saved), set(ticked));
        let extra = saved
            .union(&first)
            .filter(|p| !items.iter().any(|item| item.code == **p))
            .cloned()
            .collect();
        Self {
            now: RwSignal::new(first.clone()),
            saved: StoredValue::new(saved),
            first: StoredValue::new(first),
            extra: RwSignal::new(extra),
            awake: RwSignal::new(browser::is_awake()),
        }
    }

    /// Has the boxes follow. What was ticked and cleared before the page woke up counts.
    fn wake(self) {
        if self.awake.get_untracked() {
            return;
        }
        let boxes = browser::boxes("#role-form input[type='checkbox'][name='permissions[]']");
        self.now.update(|now| {
            for (code, on) in boxes {
                if on {
                    now.insert(code);
                } else {
                    now.remove(&code);
                }
            }
        });
        self.awake.set(true);
    }

    /// What a box shows; nothing to be changed before the page is awake.
    fn shown(self, ticked: impl Fn() -> bool) -> Option<bool> {
        self.awake.get().then(ticked)
    }

    /// Whether the box of `code` is ticked as the page comes.
    fn at_first(self, code: &str) -> bool {
        self.first.with_value(|first| first.contains(code))
    }

    /// What is ticked, separated by spaces.
    pub(crate) fn patterns(self) -> String {
        self.now
            .with(|now| now.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }

    /// Back to what is saved.
    pub(crate) fn reset(self) {
        self.now.set(self.saved.get_value());
    }

    /// How many patterns are new, and how many are gone.
    pub(crate) fn diff(self) -> (usize, usize) {
        self.saved.with_value(|saved| {
            self.now
                .with(|now| (now.difference(saved).count(), saved.difference(now).count()))
        })
    }

    /// Whether the reader may tick and clear `code`: nobody can grant what she lacks; what is
    /// there already she may leave or take away.
    fn free(self, ui: Ui, code: &str) -> bool {
        self.saved.with_value(|saved| saved.contains(code)) || ui.may(code)
    }

    fn set(self, code: &str, on: bool) {
        self.now.update(|now| {
            if on {
                now.insert(code.to_owned());
            } else {
                now.remove(code);
            }
        });
    }

    fn has(self, code: &str) -> bool {
        self.now.with(|now| now.contains(code))
    }

    /// Whether `code` was added or removed since it was saved.
    fn change(self, code: &str) -> Option<bool> {
        let was = self.saved.with_value(|saved| saved.contains(code));
        let is = self.has(code);
        (was != is).then_some(is)
    }
}

/// A branch: the codes that share `area:thing`.
struct Group {
    key: String,
    name: String,
    codes: Vec<(String, String)>,
}

fn groups(ui: Ui, items: &[PermissionItem]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        let key = item
            .code
            .rsplit_once(':')
            .map_or(item.code.as_str(), |(group, _)| group);
        let entry = (item.code.clone(), ui.say(&item.name));
        match groups.iter_mut().find(|group| group.key == key) {
            Some(group) => group.codes.push(entry),
            None => groups.push(Group {
                key: key.to_owned(),
                name: ui.say(&catalogue::group_name(key)),
                codes: vec![entry],
            }),
        }
    }
    groups
}

/// The tree. `fixed`: nothing can be changed.
pub(crate) fn tree(
    ui: Ui,
    form: Submit,
    picked: Picked,
    items: &[PermissionItem],
    fixed: bool,
) -> AnyView {
    let t = ui.t;
    effect(move || picked.wake());
    let filter = RwSignal::new(String::new());
    let codes: StoredValue<Vec<String>> =
        StoredValue::new(items.iter().map(|item| item.code.clone()).collect());
    // What the ticked wildcards cover.
    let wild = memo(move || {
        picked.now.with(|now| {
            now.iter()
                .filter(|p| p.contains('*'))
                .cloned()
                .collect::<Grants>()
        })
    });
    let total = items.len();
    let counted = move || {
        let n = codes.with_value(|codes| {
            codes
                .iter()
                .filter(|code| picked.has(code) || wild.with(|w| w.allow(code)))
                .count()
        });
        t.n_of(n, total)
    };
    let branches: Vec<AnyView> = groups(ui, items)
        .into_iter()
        .map(|group| branch(ui, picked, wild, filter, group, fixed))
        .collect();
    let error = move || {
        form.problem.with(|p| {
            p.as_ref().and_then(|p| p.field("permissions")).map(|text| {
                view! {
                    <p class="error" id="permissions-error">
                        {ui.sentence(text)}
                    </p>
                }
                .into_any()
            })
        })
    };
    view! {
        <section class="card tree" aria-labelledby="permissions-title">
            <header class="tree-head">
                <h2 id="permissions-title">{t.permissions}</h2>
                <span class="quiet" role="status">
                    {move || counted()}
                </span>
                <div class="search js-only">
                    {icon(Icon::Search)}
                    <input
                        id="permission-filter"
                        type="search"
                        placeholder=t.filter_permissions
                        aria-label=t.filter_permissions
                        autocomplete="off"
                        on:keydown=on(|event: leptos::ev::KeyboardEvent| {
                            // Looking saves nothing.
                            if event.key() == "Enter" {
                                event.prevent_default();
                            }
                        })
                        on:input=on(move |event: Event| {
                            // Looking is no change of the form.
                            event.stop_propagation();
                            filter.set(event_target_value(&event).trim().to_lowercase());
                        })
                    />
                </div>
            </header>
            <fieldset class="bare" disabled=fixed aria-labelledby="permissions-title">
                {patterns(ui, picked, codes, fixed)} {move || error()} {branches}
            </fieldset>
        </section>
    }
    .into_any()
}

/// The mark of a row that changed.
fn badge(ui: Ui, change: Option<bool>) -> Option<AnyView> {
    let t = ui.t;
    change.map(|added| {
        if added {
            view! { <span class="diff-mark added">{t.added}</span> }.into_any()
        } else {
            view! { <span class="diff-mark removed">{t.removed}</span> }.into_any()
        }
    })
}

/// The wildcards: what each covers, and a field to add one.
fn patterns(ui: Ui, picked: Picked, codes: StoredValue<Vec<String>>, fixed: bool) -> AnyView {
    let t = ui.t;
    let rows = view! {
        <For each=move || picked.extra.get() key=String::clone let:pattern>
            {pattern_row(ui, picked, codes, pattern)}
        </For>
    };
    let node = NodeRef::<Input>::new();
    let fault = RwSignal::new(None::<String>);
    let add = move || {
        let Some(input) = node.get_untracked() else {
            return;
        };
        let text = input.value();
        if text.trim().is_empty() {
            return;
        }
        match Pattern::parse(&text) {
            Ok(pattern) => {
                let pattern = pattern.as_str().to_owned();
                let known = codes.with_value(|codes| codes.contains(&pattern));
                if !known && !picked.extra.with_untracked(|e| e.contains(&pattern)) {
                    picked.extra.update(|extra| extra.push(pattern.clone()));
                }
                picked.set(&pattern, true);
                input.set_value("");
                fault.set(None);
            }
            Err(error) => {
                fault.set(error.fields.first().map(|f| ui.sentence(&f.text)));
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    let adder = (!fixed).then(|| {
        view! {
            <div class="pattern-add">
                <label for="field-more">{t.add_pattern}</label>
                <div class="with-action">
                    <input
                        id="field-more"
                        class="input code"
                        name="more"
                        node_ref=node
                        placeholder="system:user:*"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        maxlength="200"
                        aria-invalid=move || fault.with(Option::is_some).then_some("true")
                        aria-describedby="field-more-hint"
                        on:keydown=on(on_key)
                    />
                    <button type="button" class="button js-only" on:click=on(move |_: MouseEvent| add())>
                        {t.add}
                    </button>
                </div>
                {move || {
                    fault.get().map(|text| view! { <p class="error">{text}</p> }.into_any())
                }}
                <p class="hint" id="field-more-hint">
                    {t.add_pattern_hint}
                </p>
            </div>
        }
        .into_any()
    });
    view! { <div class="patterns">{rows} {adder}</div> }.into_any()
}

fn pattern_row(
    ui: Ui,
    picked: Picked,
    codes: StoredValue<Vec<String>>,
    pattern: String,
) -> AnyView {
    let t = ui.t;
    let covered: Vec<String> = Pattern::parse(&pattern)
        .map(|p| {
            codes.with_value(|codes| {
                codes
                    .iter()
                    .filter(|code| p.covers(code))
                    .cloned()
                    .collect()
            })
        })
        .unwrap_or_default();
    let list = covered.join("  ");
    let n = covered.len();
    let code = StoredValue::new(pattern.clone());
    let ticked = memo(move || code.with_value(|code| picked.has(code)));
    let change = move || code.with_value(|code| picked.change(code));
    view! {
        <label
            class="leaf wild"
            class:added=move || change() == Some(true)
            class:removed=move || change() == Some(false)
        >
            <input
                type="checkbox"
                name="permissions[]"
                value=pattern.clone()
                checked=picked.at_first(&pattern)
                prop:checked=move || picked.shown(|| ticked.get())
                on:change=on(move |event: Event| {
                    code.with_value(|code| picked.set(code, event_target_checked(&event)));
                })
            />
            <span class="leaf-name">{t.wildcard}</span>
            <code>{pattern.clone()}</code>
            <span class="quiet" title=list>
                {t.covers(n)}
            </span>
            {move || badge(ui, change())}
        </label>
    }
    .into_any()
}

fn branch(
    ui: Ui,
    picked: Picked,
    wild: Memo<Grants>,
    filter: RwSignal<String>,
    group: Group,
    fixed: bool,
) -> AnyView {
    let t = ui.t;
    let Group { key, name, codes } = group;
    let open = RwSignal::new(true);
    let names: StoredValue<Vec<(String, String)>> = StoredValue::new(codes.clone());
    let total = codes.len();
    let lower = format!("{key} {name}").to_lowercase();
    // Whether the branch itself is what one looks for: then all of it shows.
    let whole = memo(move || filter.with(|f| f.is_empty() || lower.contains(f.as_str())));
    let matches = move |code: &str, name: &str| {
        whole.get()
            || filter
                .with(|f| code.contains(f.as_str()) || name.to_lowercase().contains(f.as_str()))
    };
    let shown = memo(move || names.with_value(|n| n.iter().any(|(c, n)| matches(c, n))));
    let covered = move |code: &str| wild.with(|w| w.allow(code));
    let count = memo(move || {
        names.with_value(|names| {
            names
                .iter()
                .filter(|(code, _)| picked.has(code) || covered(code))
                .count()
        })
    });
    let by_wildcard =
        memo(move || names.with_value(|names| names.iter().all(|(code, _)| covered(code))));
    let leaves: Vec<AnyView> = codes
        .into_iter()
        .map(|(code, name)| {
            let (c, n) = (code.clone(), name.clone());
            let hidden =
                memo(move || !matches(&c, &n) || (!open.get() && filter.with(String::is_empty)));
            leaf(ui, picked, wild, hidden, code, name)
        })
        .collect();
    let summary = move || {
        if by_wildcard.get() {
            t.all_by_wildcard(total)
        } else {
            t.n_of(count.get(), total)
        }
    };
    let every = all_box(ui, picked, wild, names, t.all_of(&name), fixed);
    let label = name.clone();
    let fold_label = {
        let name = name.clone();
        memo(move || {
            if open.get() {
                t.fold(&name)
            } else {
                t.unfold(&name)
            }
        })
    };
    view! {
        <div class="branch" role="group" aria-label=label hidden=move || !shown.get()>
            <div class="branch-head">
                <button
                    type="button"
                    class="icon-button small js-only"
                    class:turned=move || !open.get()
                    aria-expanded=move || open.get().to_string()
                    aria-label=fold_label
                    on:click=on(move |_: MouseEvent| open.update(|o| *o = !*o))
                >
                    {icon(Icon::Down)}
                </button>
                {every}
                <b>{name}</b>
                <code>{format!("{key}:*")}</code>
                <span class="branch-count">{move || summary()}</span>
            </div>
            {leaves}
        </div>
    }
    .into_any()
}

/// The box of a branch. It stands for the codes of it that the reader may tick and clear.
fn all_box(
    ui: Ui,
    picked: Picked,
    wild: Memo<Grants>,
    names: StoredValue<Vec<(String, String)>>,
    label: String,
    fixed: bool,
) -> AnyView {
    let covered = move |code: &str| wild.with(|w| w.allow(code));
    let free = memo(move || {
        let free = |code: &str| picked.free(ui, code) && !covered(code);
        names.with_value(|names| {
            let codes = names.iter().map(|(code, _)| code);
            codes.filter(|code| free(code)).cloned().collect::<Vec<_>>()
        })
    });
    let stuck = memo(move || free.with(Vec::is_empty));
    // By itself or by a wildcard.
    let granted = move |code: &str| picked.has(code) || covered(code);
    let any = move || names.with_value(|n| n.iter().any(|(code, _)| granted(code)));
    let every = move || names.with_value(|n| n.iter().all(|(code, _)| granted(code)));
    let ticked = memo(move || {
        if stuck.get() {
            every()
        } else {
            free.with(|free| free.iter().all(|code| picked.has(code)))
        }
    });
    let partly = memo(move || !ticked.get() && any());
    let toggle = move |event: Event| {
        let all = ticked.get_untracked();
        // Beforehand: what is free goes by what is ticked.
        let codes = free.get_untracked();
        picked.now.update(|now| {
            for code in codes {
                if all {
                    now.remove(&code);
                } else {
                    now.insert(code);
                }
            }
        });
        // By then the browser has ticked or cleared the box on its own account.
        let target = event.target();
        if let Some(input) = target.and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) {
            input.set_checked(ticked.get_untracked());
            input.set_indeterminate(partly.get_untracked());
        }
    };
    view! {
        <input
            type="checkbox"
            class="js-only"
            aria-label=label
            disabled=move || fixed || stuck.get()
            checked=ticked.get_untracked()
            prop:checked=move || picked.shown(|| ticked.get())
            prop:indeterminate=partly
            on:change=on(toggle)
        />
    }
    .into_any()
}

fn leaf(
    ui: Ui,
    picked: Picked,
    wild: Memo<Grants>,
    hidden: Memo<bool>,
    code: String,
    name: String,
) -> AnyView {
    let t = ui.t;
    let lacking = !picked.free(ui, &code);
    let stored = StoredValue::new(code.clone());
    let ticked = memo(move || stored.with_value(|code| picked.has(code)));
    let covered = memo(move || stored.with_value(|code| wild.with(|w| w.allow(code))));
    let change = move || stored.with_value(|code| picked.change(code));
    let value = code.clone();
    let at_first = picked.at_first(&code);
    view! {
        <label
            class="leaf"
            class:added=move || change() == Some(true)
            class:removed=move || change() == Some(false)
            hidden=hidden
            title=lacking.then_some(t.not_yours)
        >
            // A box that a wildcard ticks sends nothing of its own.
            <input
                type="checkbox"
                name=move || (!covered.get()).then_some("permissions[]")
                value=value.clone()
                checked=at_first || covered.get_untracked()
                disabled=move || lacking || covered.get()
                prop:checked=move || picked.shown(|| ticked.get() || covered.get())
                on:change=on(move |event: Event| {
                    stored.with_value(|code| picked.set(code, event_target_checked(&event)));
                })
            />
            {move || {
                (covered.get() && ticked.get())
                    .then(|| {
                        let value = value.clone();
                        view! { <input type="hidden" name="permissions[]" value=value /> }
                            .into_any()
                    })
            }}
            <span class="leaf-name">{name}</span>
            <code>{code}</code>
            {move || {
                covered.get().then(|| view! { <span class="quiet">{t.by_wildcard}</span> }.into_any())
            }}
            {lacking.then(|| view! { <span class="quiet">{t.not_yours_short}</span> }.into_any())}
            {move || badge(ui, change())}
        </label>
    }
    .into_any()
}
