//! Why the program would not start with a setting, at the setting and in both languages. The
//! composition root and the vendors' clients tell it as for the command line: in English, with the
//! setting's name in front.

use menshen_domain::setting::{Entry, Section};
use menshen_domain::{Error, FieldError, Text};

/// The refusal at the settings that `problem` names; at the section's first one when it names none.
pub(super) fn refused(section: &Section, problem: &str) -> Error {
    let text = told(problem);
    let named: Vec<&Entry> = section
        .entries
        .iter()
        .filter(|e| names(problem, e.name))
        .collect();
    let part = |e: &&Entry| problem.starts_with(&format!("{}:", e.place().0));
    let at = match named.is_empty() {
        false => named,
        true => section
            .entries
            .iter()
            .filter(part)
            .find(|e| e.shape.is_secret())
            .or_else(|| section.entries.iter().find(part))
            .or(section.entries.first())
            .into_iter()
            .collect(),
    };
    let fields = at
        .into_iter()
        .map(|e| FieldError {
            field: e.name.into(),
            text: text.clone(),
        })
        .collect();
    Error::fields(fields)
}

/// Whether `problem` names the setting, and not one whose name begins alike.
fn names(problem: &str, name: &str) -> bool {
    problem.match_indices(name).any(|(at, _)| {
        let next = problem[at + name.len()..].chars().next();
        !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn told(problem: &str) -> Text {
    let known: &[(&str, &str, &str)] = &[
        ("must be set", "使用时必须填写", "must be set"),
        (
            "private address",
            "是内网地址；确需使用时，请在配置中设置 outbound.allow_private = true",
            "is a private address; set outbound.allow_private = true in the configuration for a vendor in your own house",
        ),
        (
            "must begin with https://",
            "应以 https:// 开头",
            "must begin with https://",
        ),
        (": no address", "不是合法的地址", "is no address"),
        (
            "stands neither",
            "{phone} 与 {code} 都须写在地址、请求头或请求体中",
            "{phone} and {code} must each stand in the address, the headers or the body",
        ),
        (
            "the host must not hold",
            "主机名中不能含有 {phone} 或 {code}",
            "the host must not hold {phone} or {code}",
        ),
        (
            "a get has none",
            "GET 请求没有请求体，请改用 POST",
            "a GET has none; choose POST",
        ),
        (
            "is no JSON",
            "不是合法的 JSON；{phone} 与 {code} 要写在引号内",
            "is no JSON; {phone} and {code} stand in quotation marks there",
        ),
        (
            "Name: value",
            "每行写成“名称: 值”",
            "write each as “Name: value”",
        ),
        (
            "what a header's name can't",
            "请求头的名称含有不允许的字符",
            "a name holds what a header's name can't",
        ),
        (
            "none of a header",
            "请求头的值含有不允许的字符",
            "a value holds what a header's value can't",
        ),
    ];
    if let Some((_, zh, en)) = known.iter().find(|(mark, ..)| problem.contains(mark)) {
        return Text::fixed(zh, en);
    }
    let plain = problem.split_once(": ").map_or(problem, |(_, rest)| rest);
    Text::new(
        format!("程序不能使用这样的设置：{plain}"),
        format!("the program can't run with it: {plain}"),
    )
}
