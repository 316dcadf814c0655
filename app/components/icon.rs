//! The icons: one set of 16-pixel line drawings, and the mark of the two door gods.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident = $paths:literal;)*) => {
        /// An icon. It is decoration: the control that holds it has a label or an accessible name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Icon { $($name,)* }

        impl Icon {
            /// All of them, with their names.
            pub(crate) const ALL: &[(Self, &'static str)] =
                &[$((Self::$name, stringify!($name)),)*];

            fn paths(self) -> &'static str {
                match self { $(Self::$name => $paths,)* }
            }
        }
    };
}

icons! {
    Home = r#"<path d="M2.5 7 8 2.5 13.5 7v6.5h-4v-4h-3v4h-4z"/>"#;
    Users = r#"<circle cx="6" cy="5.5" r="2.5"/><path d="M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.8c1.5.5 2.5 1.8 2.5 3.7"/>"#;
    Shield = r#"<path d="M8 1.8 13.2 3.6v4.2c0 3-2.1 5.3-5.2 6.4-3.1-1.1-5.2-3.4-5.2-6.4V3.6z"/>"#;
    Search = r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>"#;
    Sun = r#"<circle cx="8" cy="8" r="2.8"/><path d="M8 1.2v1.5M8 13.3v1.5M1.2 8h1.5M13.3 8h1.5M3.2 3.2l1 1M11.8 11.8l1 1M3.2 12.8l1-1M11.8 4.2l1-1"/>"#;
    Moon = r#"<path d="M13.5 9.3A5.8 5.8 0 1 1 6.7 2.5a4.6 4.6 0 0 0 6.8 6.8z"/>"#;
    Screen = r#"<rect x="1.8" y="2.5" width="12.4" height="8.5" rx="1.5"/><path d="M5.5 13.8h5M8 11v2.8"/>"#;
    Menu = r#"<path d="M2 4h12M2 8h12M2 12h12"/>"#;
    Left = r#"<path d="M10 3 5 8l5 5"/>"#;
    Right = r#"<path d="m6 3 5 5-5 5"/>"#;
    Down = r#"<path d="m3.5 6 4.5 4.5L12.5 6"/>"#;
    Plus = r#"<path d="M8 3v10M3 8h10"/>"#;
    Close = r#"<path d="m3.5 3.5 9 9M12.5 3.5l-9 9"/>"#;
    Check = r#"<path d="m3 8.5 3.5 3.5L13 4.5"/>"#;
    More = r#"<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2"/>"#;
    Refresh = r#"<path d="M13.5 8A5.5 5.5 0 1 1 11.6 3.8M13.5 2v3.5H10"/>"#;
    Sound = r#"<path d="M2 6v4h2.5L8 13V3L4.5 6zM10.5 5.5a3.5 3.5 0 0 1 0 5M12.5 3.5a6.3 6.3 0 0 1 0 9"/>"#;
    Copy = r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>"#;
    Key = r#"<circle cx="5.2" cy="10.8" r="2.7"/><path d="m7.2 8.8 6.3-6.3M11 5l2 2"/>"#;
    Out = r#"<path d="M6 2.5H3.5v11H6M9.5 4.5 13 8l-3.5 3.5M13 8H6"/>"#;
    Fold = r#"<rect x="2" y="2.5" width="12" height="11" rx="2"/><path d="M6 2.5v11M11 6.5 9.5 8l1.5 1.5"/>"#;
    Alert = r#"<path d="M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5h.01"/>"#;
    Lock = r#"<rect x="3" y="7" width="10" height="6.5" rx="1.5"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>"#;
    Trash = r#"<path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.5 7v4M9.5 7v4"/>"#;
    Edit = r#"<path d="M10.5 2.8 13.2 5.5 5.7 13H3v-2.7zM9 4.3 11.7 7"/>"#;
    Ban = r#"<circle cx="8" cy="8" r="5.7"/><path d="m4 4 8 8"/>"#;
    Tree = r#"<rect x="5.5" y="1.8" width="5" height="3.6" rx="1"/><rect x="1.5" y="10.5" width="5" height="3.6" rx="1"/><rect x="9.5" y="10.5" width="5" height="3.6" rx="1"/><path d="M8 5.4V8M4 10.5V8h8v2.5"/>"#;
    List = r#"<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01"/>"#;
    Note = r#"<path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.8 8h4.4M5.8 11h4.4"/>"#;
    Gear = r#"<circle cx="8" cy="8" r="2.2"/><path d="M8 1.6v2M8 12.4v2M1.6 8h2M12.4 8h2M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M3.5 12.5l1.4-1.4M11.1 4.9l1.4-1.4"/>"#;
    Person = r#"<circle cx="8" cy="5.2" r="2.9"/><path d="M2.8 14c0-2.8 2.3-4.6 5.2-4.6s5.2 1.8 5.2 4.6"/>"#;
    Doors = r#"<path d="M8 2.5v11M2.5 3.5 8 2.5l5.5 1v9l-5.5 1-5.5-1zM6.3 8h.01M9.7 8h.01"/>"#;
    Code = r#"<path d="M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5"/>"#;
    Upload = r#"<path d="M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v3h11v-3"/>"#;
    Download = r#"<path d="M8 2.3v8M4.8 7.3 8 10.5l3.2-3.2M2.5 10.5v3h11v-3"/>"#;
    Undo = r#"<path d="M5.5 2.5 2.5 5.5l3 3M2.5 5.5h6.7a4 4 0 0 1 0 8H5.5"/>"#;
    Filter = r#"<path d="M2 3h12L9.5 8.5v4.7l-3-1.5V8.5z"/>"#;
    Columns = r#"<rect x="2" y="2.5" width="12" height="11" rx="1.5"/><path d="M6 2.5v11M10 2.5v11"/>"#;
    Drag = r#"<path d="M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01" stroke-width="2.2"/>"#;
    Move = r#"<path d="M8 1.8v12.4M1.8 8h12.4M6 3.8l2-2 2 2M6 12.2l2 2 2-2M3.8 6l-2 2 2 2M12.2 6l2 2-2 2"/>"#;
    Print = r#"<path d="M4.5 6V2h7v4M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4.5h-7z"/>"#;
    Phone = r#"<rect x="4.5" y="1.8" width="7" height="12.4" rx="1.5"/><path d="M7.3 11.8h1.4"/>"#;
    Finger = r#"<path d="M4 11.5c.7-1.2 1-2.4 1-3.6a3 3 0 0 1 6 0c0 2-.4 3.8-1.2 5.4M8 7.9c0 2-.5 3.9-1.5 5.6M2.3 9c.2-.4.2-.8.2-1.2A5.5 5.5 0 0 1 8 2.3a5.5 5.5 0 0 1 5.5 5.5c0 1.3-.1 2.5-.4 3.7"/>"#;
    Bolt = r#"<path d="M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z"/>"#;
    Mail = r#"<rect x="1.8" y="3" width="12.4" height="10" rx="1.5"/><path d="m2.2 4.2 5.8 4.6 5.8-4.6"/>"#;
    Globe = r#"<circle cx="8" cy="8" r="6.2"/><path d="M1.8 8h12.4M8 1.8c2 2 2.6 4 2.6 6.2S10 12.2 8 14.2C6 12.2 5.4 10.2 5.4 8S6 3.8 8 1.8z"/>"#;
    Image = r#"<rect x="2" y="2.5" width="12" height="11" rx="1.5"/><circle cx="5.7" cy="6.2" r="1.2"/><path d="m2.5 12 3.7-3.5 2.5 2.2 2.3-2.2 2.8 2.7"/>"#;
    Up = r#"<path d="M12.5 10 8 5.5 3.5 10"/>"#;
    Info = r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.7M8 5h.01"/>"#;
    Keyboard = r#"<rect x="1.5" y="3.8" width="13" height="8.4" rx="1.5"/><path d="M4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6"/>"#;
    Enter = r#"<path d="M10 2.5h2.5v11H10M6.5 4.5 10 8l-3.5 3.5M10 8H2.5"/>"#;
}

/// Draws an icon.
pub(crate) fn icon(name: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" inner_html=name.paths()></svg>
    }
    .into_any()
}

const MARK: &str = concat!(
    r#"<g fill="currentColor"><path class="leaf" d="M4 37V12.5C4 7.5 7.6 4 12 4s8 3.5 8 8.5V37z"/>"#,
    r#"<path d="M12 6.5c1.2 1.5 1.7 2.6 1.7 3.5a1.7 1.7 0 0 1-3.4 0c0-.9.5-2 1.7-3.5z"/>"#,
    r#"<path d="M6 19.5c0-3.5 2.7-5.5 6-5.5s6 2 6 5.5l-2 1.8c-.7-1.7-2-2.6-4-2.6s-3.3.9-4 2.6z"/>"#,
    r#"<path d="M9.2 23.5h5.6V37H9.2z"/><circle cx="17.6" cy="27" r="1.4"/>"#,
    r#"<path class="leaf" d="M22 37V12.5C22 7.5 25.6 4 30 4s8 3.5 8 8.5V37z"/>"#,
    r#"<path d="M30 6.5c1.2 1.5 1.7 2.6 1.7 3.5a1.7 1.7 0 0 1-3.4 0c0-.9.5-2 1.7-3.5z"/>"#,
    r#"<path d="M24 19.5c0-3.5 2.7-5.5 6-5.5s6 2 6 5.5l-2 1.8c-.7-1.7-2-2.6-4-2.6s-3.3.9-4 2.6z"/>"#,
    r#"<path d="M27.2 23.5h5.6V37h-5.6z"/><circle cx="24.4" cy="27" r="1.4"/></g>"#,
);

/// The mark: two door gods that face each other, one on each leaf of the gate.
pub(crate) fn mark() -> AnyView {
    view! { <svg class="mark" viewBox="0 0 42 42" aria-hidden="true" inner_html=MARK></svg> }
        .into_any()
}
