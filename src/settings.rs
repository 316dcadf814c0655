//! All settings: one struct per section, whose doc comments become `docs/settings.md`, the sample
//! file and the hints of `menshen check`.
//!
//! They come from `menshen.toml`, then from the environment (`MENSHEN_SECTION__KEY`), then from
//! flags; the later wins. A key that nobody knows is an error that names the nearest known one.
//! What they set explicitly stays as it is; some of the rest can be changed while the program runs
//! (`menshen_services::configuration`).

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Provider};
use menshen_domain::setting;
use menshen_http::Server;
use menshen_providers::settings::{
    Outbound, SmsAliyun, SmsHttp, SmsTencent, WechatMini, WechatScan, Wecom,
};
use menshen_services::settings::{
    Captcha, Dev, Facade, Introspection, Limits, Metrics, Passkey, Password, Registration, Session,
    Token, Upload,
};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the data is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/name`.
    #[schemars(with = "String")]
    #[serde(serialize_with = "in_clear")]
    pub url: SecretString,
    /// The most connections that are open at once (for reading, beside SQLite).
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: SecretString::from("sqlite://data/menshen.db"),
            connections: 8,
        }
    }
}

/// The key from outside the database.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// The master key, 32 bytes in base64. Every node needs the same one. Beside SQLite it may be left out: a key file is made then.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out")]
    pub master_key: Option<SecretString>,
    /// The file that holds the master key; beside SQLite `menshen.key` in the database's folder when not set.
    pub key_file: Option<PathBuf>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// The log, on standard error.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// What is written: `error`, `warn`, `info`, `debug`, or a filter as in `info,sqlx=debug`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info,sqlx=warn".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// How short messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SmsProvider {
    /// They are not.
    None,
    /// They are written to the log. Only with `--dev`.
    Log,
    /// By any gateway that speaks HTTP: `[sms_http]`.
    Http,
    /// By Aliyun: `[sms_aliyun]`.
    Aliyun,
    /// By Tencent Cloud: `[sms_tencent]`.
    Tencent,
}

/// Short messages.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// `none`, `http`, `aliyun` or `tencent`, each with a section of its own; or `log` for development.
    pub provider: SmsProvider,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            provider: SmsProvider::None,
        }
    }
}

/// All settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where and how the server listens.
    pub server: Server,
    /// The doors of other API documents.
    pub facade: Facade,
    /// Where the data is kept.
    pub database: Database,
    /// The key from outside the database.
    pub security: Security,
    /// The log, on standard error.
    pub log: Log,
    /// How passwords are chosen and hashed.
    pub password: Password,
    /// Captchas.
    pub captcha: Captcha,
    /// How long sessions last and what they are bound to.
    pub session: Session,
    /// Access and refresh tokens.
    pub token: Token,
    /// Sign-up.
    pub registration: Registration,
    /// Passkeys: signing in with a device's own lock instead of name and password (WebAuthn).
    pub passkey: Passkey,
    /// Limits against guessing.
    pub limits: Limits,
    /// Who may ask what tokens are worth (`POST /auth/introspect`), beside those who hold `monitor:session:list`.
    pub introspection: Introspection,
    /// Who may read the server's figures (`GET /metrics`).
    pub metrics: Metrics,
    /// Short messages.
    pub sms: Sms,
    /// Uploads: where files are kept, and how much of them.
    pub upload: Upload,
    /// Short messages through Aliyun (`sms.provider = "aliyun"`).
    pub sms_aliyun: SmsAliyun,
    /// Short messages through Tencent Cloud (`sms.provider = "tencent"`).
    pub sms_tencent: SmsTencent,
    /// Short messages through any gateway that speaks HTTP (`sms.provider = "http"`). `{phone}` and `{code}` are replaced, escaped for where they stand.
    pub sms_http: SmsHttp,
    /// Signing in from a WeChat mini-program (`LoginType` `min` or `mini`); off while neither `app_id` nor `secret` is set.
    pub wechat_mini: WechatMini,
    /// Signing in by scanning a code with WeChat (`LoginType` `wc`); off while neither `app_id` nor `secret` is set.
    pub wechat_scan: WechatScan,
    /// Signing in with WeCom (`LoginType` `qw` or `work`); off while neither `corp_id` nor `secret` is set.
    pub wecom: Wecom,
    /// What goes out to vendors, and how long they are waited for. Only the hosts that the settings name are asked, and redirects are not followed.
    pub outbound: Outbound,
    /// What only `--dev` allows.
    pub dev: Dev,
    /// What sets a setting explicitly, by its name: a file, a variable or a flag.
    #[serde(skip)]
    pub origins: BTreeMap<String, String>,
}

fn in_clear<S: serde::Serializer>(value: &SecretString, s: S) -> Result<S::Ok, S::Error> {
    // Defaults go through serialisation on their way into figment; the default address is no
    // secret, and what is set replaces it.
    use secrecy::ExposeSecret as _;
    s.serialize_str(value.expose_secret())
}

fn left_out<S: serde::Serializer>(_: &Option<SecretString>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_none()
}

/// A `section.key=value` of `--set`, or of a flag of its own.
#[derive(Clone)]
pub struct Override {
    section: String,
    key: String,
    value: String,
    flag: String,
}

impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The value may be a secret, as those of introspection's clients are.
        f.debug_struct("Override")
            .field("section", &self.section)
            .field("key", &self.key)
            .field("flag", &self.flag)
            .finish_non_exhaustive()
    }
}

impl std::str::FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or("write it as section.key=value")?;
        let (section, key) = path
            .split_once('.')
            .ok_or("write it as section.key=value")?;
        let (section, key) = (section.trim(), key.trim());
        Ok(Self {
            section: section.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            flag: format!("--set {section}.{key}"),
        })
    }
}

impl Override {
    /// An override for `section.key`, which `flag` gives.
    #[must_use]
    pub fn new(section: &str, key: &str, value: &str, flag: &str) -> Self {
        Self {
            section: section.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            flag: flag.to_owned(),
        }
    }

    /// The setting that it sets, whole: an entry of a table is set as part of it.
    fn name(&self) -> String {
        let key = self.key.split('.').next().unwrap_or_default();
        format!("{}.{key}", self.section)
    }

    /// What it sets, as a provider of its own.
    fn provider(&self) -> Serialized<Value> {
        let path = format!("{}.{}", self.section, self.key);
        Serialized::defaults(figment::util::nest(&path, parse(&self.value)))
    }
}

/// Reads all settings. `file` must exist when it is given; else `menshen.toml` is read if there
/// is one.
///
/// # Errors
/// A list of everything that is wrong, and where.
pub fn load(file: Option<&Path>, overrides: &[Override]) -> Result<Settings, Vec<String>> {
    if let Some(file) = file.filter(|f| !f.is_file()) {
        return Err(vec![format!("{}: there is no such file", file.display())]);
    }
    let path = file.unwrap_or(Path::new("menshen.toml"));
    let toml = Toml::file(path);
    // The two variables for the first administrator are no settings, and MENSHEN_CONFIG is the
    // file itself.
    let env = Env::prefixed("MENSHEN_")
        .split("__")
        .filter(|key| key.as_str().contains("__") || key.as_str().contains('.'));
    let source = Source::read(path);
    let variable = |name: &str| format!("MENSHEN_{}", name.to_uppercase().replace('.', "__"));
    let mut problems = Vec::new();
    problems.extend(unknown_keys(&toml, |name| source.place(name)));
    problems.extend(unknown_keys(&env, variable));
    // What each is called in an error, and what it is called in what is shown of it.
    let mut places = named(&toml, |name| source.place(name));
    places.extend(named(&env, variable));
    let mut origins = named(&toml, |_| source.path.clone());
    origins.extend(named(&env, variable));
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    match toml.data() {
        Ok(_) => figment = figment.merge(toml),
        Err(error) => problems.push(format!("{}: {}", source.path, error.kind)),
    }
    figment = figment.merge(env);
    for o in overrides {
        let key = o.key.split('.').next().unwrap_or_default();
        if let Some(problem) = unknown_key(&o.section, key) {
            problems.push(format!("--set: {problem}"));
        }
        figment = figment.merge(o.provider());
        if !o.value.trim().is_empty() {
            places.insert(o.name(), o.flag.clone());
            origins.insert(o.name(), o.flag.clone());
        }
    }
    problems.extend(unfit(&figment, &places));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut settings: Settings = figment
        .extract()
        .map_err(|e| e.into_iter().map(|e| told(&e)).collect::<Vec<String>>())?;
    settings.origins = origins;
    Ok(settings)
}

/// The settings' file as it is written, to find the lines of settings in it.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn read(path: &Path) -> Self {
        Self {
            path: path.display().to_string(),
            // What can't be read is told when it is parsed.
            text: std::fs::read_to_string(path).unwrap_or_default(),
        }
    }

    /// The file, and the line of the setting `name` if it can be found.
    fn place(&self, name: &str) -> String {
        match self.line(name) {
            Some(line) => format!("{}, line {line}", self.path),
            None => self.path.clone(),
        }
    }

    fn line(&self, name: &str) -> Option<usize> {
        let (mut table, mut begins) = (String::new(), None);
        for (at, line) in self.text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
                table = plain(header);
                if begins.is_none() && (table == name || table.starts_with(&format!("{name}."))) {
                    begins = Some(at + 1);
                }
                continue;
            }
            let Some((key, _)) = line.split_once('=') else {
                continue;
            };
            let key = plain(key);
            let full = match table.as_str() {
                "" => key,
                table => format!("{table}.{key}"),
            };
            if full == name {
                return Some(at + 1);
            }
        }
        begins
    }
}

/// A key as it is compared: without blanks and quotes.
fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\''))
        .collect()
}

/// What is wrong with the values that are set in `places`, each looked at by itself.
fn unfit(figment: &Figment, places: &BTreeMap<String, String>) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, place) in places {
        let (section, key) = name.split_once('.').unwrap_or((name, ""));
        if unknown_key(section, key).is_some() {
            continue;
        }
        let Ok(value) = figment.find_value(name) else {
            continue;
        };
        let alone = Figment::from(Serialized::defaults(Settings::default()))
            .merge(Serialized::defaults(figment::util::nest(name, value)));
        if let Err(errors) = alone.extract::<Settings>() {
            problems.extend(errors.into_iter().map(|e| format!("{place}: {}", told(&e))));
        }
    }
    problems
}

/// What figment says of a value, without its own whereabouts.
fn told(error: &figment::Error) -> String {
    use figment::error::Kind;
    let name = error.path.join(".");
    let entry =
        setting::entries().find(|e| name == e.name || name.starts_with(&format!("{}.", e.name)));
    let is_secret = entry.is_some_and(|e| e.shape.is_secret());
    let why = match &error.kind {
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) if is_secret => {
            format!("must be {}", kind_of(wanted))
        }
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            format!("must be {}, and is {found}", kind_of(wanted))
        }
        Kind::UnknownVariant(found, known) => {
            format!("must be one of {}, and is “{found}”", known.join(", "))
        }
        Kind::Message(why) => match entry {
            Some(entry) => {
                let what = entry.hint.en.trim_end_matches('.');
                format!("can't be taken: {why} ({what})")
            }
            None => format!("can't be taken: {why}"),
        },
        other => other.to_string(),
    };
    format!("{name} {why}")
}

/// A type of Rust's, or of serde's, in words.
fn kind_of(wanted: &str) -> &str {
    match wanted {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "isize" | "usize" => {
            "a whole number in range"
        }
        "f32" | "f64" => "a number",
        "a boolean" | "bool" => "true or false",
        "a string" | "string" | "a borrowed string" => "a text",
        "a sequence" | "sequence" => "a list",
        "a map" | "map" => "a table",
        _ if wanted.starts_with("struct ") => "a section",
        other => other,
    }
}

/// The settings that `provider` sets, and what that is called. An empty text sets nothing, as an
/// unset variable of a deployment's template leaves it.
fn named(provider: &impl Provider, origin: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    let profiles = provider.data().unwrap_or_default();
    let sections: Dict = profiles.into_values().flatten().collect();
    let mut named = BTreeMap::new();
    for (section, value) in &sections {
        for (key, value) in value.as_dict().into_iter().flatten() {
            if value.as_str().is_none_or(|text| !text.trim().is_empty()) {
                let name = format!("{section}.{key}");
                let origin = origin(&name);
                named.insert(name, origin);
            }
        }
    }
    named
}

/// A flag's value as TOML would read it, or as plain text.
fn parse(text: &str) -> Value {
    text.parse()
        .unwrap_or_else(|_: std::convert::Infallible| Value::from(text))
}

/// The known sections and their keys, from the settings' own schema.
#[must_use]
pub fn known() -> Vec<(String, Vec<String>)> {
    let schema = schema();
    let sections = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    sections
        .iter()
        .map(|(name, section)| {
            let keys = resolve(&schema, section)["properties"]
                .as_object()
                .map(|keys| keys.keys().cloned().collect())
                .unwrap_or_default();
            (name.clone(), keys)
        })
        .collect()
}

fn schema() -> serde_json::Value {
    schemars::schema_for!(Settings).into()
}

fn resolve<'a>(
    schema: &'a serde_json::Value,
    part: &'a serde_json::Value,
) -> &'a serde_json::Value {
    part["$ref"]
        .as_str()
        .and_then(|r| schema.pointer(r.trim_start_matches('#')))
        .unwrap_or(part)
}

fn unknown_keys(provider: &impl Provider, place: impl Fn(&str) -> String) -> Vec<String> {
    let Ok(profiles) = provider.data() else {
        // What can't be read at all is told when it is extracted.
        return Vec::new();
    };
    let dict: Dict = profiles.into_values().flatten().collect();
    let mut problems = Vec::new();
    for (section, value) in dict {
        match value.as_dict() {
            Some(keys) => problems.extend(keys.keys().filter_map(|key| {
                let problem = unknown_key(&section, key)?;
                Some(format!("{}: {problem}", place(&format!("{section}.{key}"))))
            })),
            None => problems.extend(
                unknown_key(&section, "").map(|problem| format!("{}: {problem}", place(&section))),
            ),
        }
    }
    problems
}

fn unknown_key(section: &str, key: &str) -> Option<String> {
    let known = known();
    let keys = known
        .iter()
        .find(|(name, _)| name == section)
        .map(|(_, keys)| keys);
    if keys.is_some_and(|keys| keys.iter().any(|k| k == key)) {
        return None;
    }
    let wanted = if key.is_empty() {
        section.to_owned()
    } else {
        format!("{section}.{key}")
    };
    let nearest = known
        .iter()
        .flat_map(|(s, keys)| keys.iter().map(move |k| format!("{s}.{k}")))
        .min_by_key(|candidate| strsim::damerau_levenshtein(candidate, &wanted))
        .unwrap_or_default();
    Some(format!(
        "unknown setting “{wanted}”; did you mean “{nearest}”?"
    ))
}

/// `docs/settings.md`, from the doc comments of the settings' structs.
#[must_use]
pub fn markdown() -> String {
    let schema = schema();
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut out = String::from(
        "# Settings\n\n\
         Made from the settings' own doc comments by `menshen docs settings`; a test fails when it is stale.\n\n\
         They are read from `menshen.toml` in the working folder (or the file that `--config` names), then \
         from the environment as `MENSHEN_SECTION__KEY`, then from flags (`--set section.key=value`); the \
         later wins. `menshen check` says what is wrong and where.\n\n\
         What they set explicitly stays as it is while the program runs; an empty text sets nothing. Of the \
         rest, those that are marked “live” can be changed on the admin UI's settings page and by \
         `PUT /setting/{section}`: what is set there is kept in the database (secrets sealed), counts before \
         the default, and is in force on every node at once. See [configuration.md](configuration.md).\n\n\
         `MENSHEN_ADMIN_USERNAME` and `MENSHEN_ADMIN_PASSWORD` make the first administrator when there is \
         none; without them `admin` is made with a one-time password that is printed once.\n",
    );
    let sections = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    for (name, part) in &sections {
        let section = resolve(&schema, part);
        let about = part["description"]
            .as_str()
            .or(section["description"].as_str());
        out.push_str(&format!(
            "\n## `[{name}]`\n\n{}\n\n",
            about.unwrap_or_default()
        ));
        out.push_str("| key | default | live | what it is |\n|---|---|---|---|\n");
        let keys = section["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        for (key, value) in &keys {
            let about = value["description"]
                .as_str()
                .or_else(|| resolve(&schema, value)["description"].as_str())
                .unwrap_or_default()
                .replace('\n', " ");
            let default = match &defaults[name][key] {
                serde_json::Value::Null => "not set".to_owned(),
                other => format!("`{other}`"),
            };
            let full = format!("{name}.{key}");
            let live = setting::entries().any(|e| e.name == full && e.shape.is_open());
            let live = if live { "live" } else { "" };
            out.push_str(&format!("| `{key}` | {default} | {live} | {about} |\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        let problem = unknown_key("captcha", "mod").expect("unknown");
        assert!(problem.contains("captcha.mode"), "{problem}");
        assert!(unknown_key("captcha", "mode").is_none());
        let problem = unknown_key("capcha", "mode").expect("unknown");
        assert!(problem.contains("captcha.mode"), "{problem}");
    }

    #[test]
    fn the_catalogue_holds_every_setting_with_the_sentence_of_the_documentation() {
        let schema = schema();
        let mut all = Vec::new();
        for (section, keys) in known() {
            let part = resolve(&schema, &schema["properties"][&section]);
            for key in keys {
                let name = format!("{section}.{key}");
                let about = part["properties"][&key]["description"]
                    .as_str()
                    .unwrap_or_default()
                    .replace('\n', " ");
                let entry = setting::entries().find(|e| e.name == name);
                let entry = entry.unwrap_or_else(|| panic!("{name} is not in the catalogue"));
                assert_eq!(entry.hint.en, about, "{name}");
                all.push(name);
            }
        }
        for entry in setting::entries() {
            assert!(
                all.iter().any(|n| n == entry.name),
                "there is no {}",
                entry.name
            );
        }
    }

    #[test]
    fn what_is_set_explicitly_is_known_with_its_place() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(
            &file,
            "[captcha]\nmode = \"always\"\n[wecom]\ncorp_id = \"\"\n[introspection.clients]\na = \"0123456789abcdef\"\n",
        )
        .expect("write");
        let overrides = [
            "registration.mode=closed".parse().expect("override"),
            "wecom.secret=".parse().expect("override"),
        ];
        let settings = load(Some(&file), &overrides).expect("settings");
        let origins: Vec<(&str, &str)> = settings
            .origins
            .iter()
            .map(|(name, origin)| (name.as_str(), origin.as_str()))
            .collect();
        let place = file.display().to_string();
        assert_eq!(
            origins,
            [
                ("captcha.mode", place.as_str()),
                ("introspection.clients", place.as_str()),
                ("registration.mode", "--set registration.mode"),
            ]
        );
    }

    #[test]
    fn flags_win_over_the_file() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(&file, "[captcha]\nmode = \"always\"\npage = \"never\"\n[server]\nlisten = \"127.0.0.1:4000\"\n")
            .expect("write");
        let overrides = ["captcha.mode=never".parse().expect("override")];
        let settings = load(Some(&file), &overrides).expect("settings");
        assert_eq!(
            settings.captcha.mode,
            menshen_services::settings::CaptchaMode::Never
        );
        assert_eq!(
            settings.captcha.page,
            menshen_services::settings::CaptchaMode::Never
        );
        assert_eq!(settings.server.listen.port(), 4000);
    }

    #[test]
    fn vendors_are_set_by_file_and_flags_and_ids_may_be_digits() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(
            &file,
            "[sms]\nprovider = \"tencent\"\n[sms_tencent]\nsecret_key = \"hush\"\n\
             template_params = [\"{code}\", \"5\"]\n\
             [sms_http]\nheaders = [\"Authorization: hush\"]\n",
        )
        .expect("write");
        let overrides = [
            "sms_tencent.app_id=1400006666".parse().expect("override"),
            "wecom.corp_id=".parse().expect("override"),
            "outbound.allow_private=true".parse().expect("override"),
        ];
        let settings = load(Some(&file), &overrides).expect("settings");
        assert_eq!(settings.sms.provider, SmsProvider::Tencent);
        assert_eq!(settings.sms_tencent.app_id.as_deref(), Some("1400006666"));
        assert_eq!(settings.sms_tencent.template_params, ["{code}", "5"]);
        assert_eq!(settings.sms_http.headers.len(), 1);
        assert!(!settings.wecom.is_wanted());
        assert!(settings.outbound.allow_private);
        assert!(!format!("{settings:?}").contains("hush"));
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(
            &file,
            "[captcha]\nmoda = \"always\"\n[sever]\nlisten = \"x\"\n",
        )
        .expect("write");
        let problems = load(Some(&file), &[]).expect_err("wrong");
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("menshen.toml"));
        assert!(problems[0].contains("line 2"), "{problems:?}");
        assert!(problems[1].contains("line 4"), "{problems:?}");
        std::fs::write(
            &file,
            "token.access_seconds = \"soon\"\n# mode = \n[captcha]\npage = \"never\"\nmode = \"sometimes\"\n\
             [limits]\nno_such = 1\n[metrics]\ntoken = [\"hush hush hush hush\"]\n",
        )
        .expect("write");
        let overrides = [
            "server.listen=here".parse().expect("override"),
            "password.min_length=-1".parse().expect("override"),
            Override::new("database", "connections", "many", "--connections"),
        ];
        let problems = load(Some(&file), &overrides).expect_err("wrong");
        let place = file.display();
        let expected = [
            format!("{place}, line 7: unknown setting “limits.no_such”; did you mean"),
            format!(
                "{place}, line 5: captcha.mode must be one of always, adaptive, never, and is “sometimes”"
            ),
            "--connections: database.connections must be a whole number in range, and is string"
                .to_owned(),
            format!("{place}, line 9: metrics.token must be a text"),
            "--set password.min_length: password.min_length must be a whole number".to_owned(),
            "--set server.listen: server.listen can't be taken: invalid socket address".to_owned(),
            format!("{place}, line 1: token.access_seconds must be a whole number"),
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, start) in problems.iter().zip(&expected) {
            assert!(problem.starts_with(start), "{problem}");
            for inside in ["figment", ".rs", "default.", "hush"] {
                assert!(!problem.contains(inside), "{problem}");
            }
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_beside_the_rest() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(&file, "[captcha]\nmode = always\n").expect("write");
        let overrides = ["captcha.page=zz".parse().expect("override")];
        let problems = load(Some(&file), &overrides).expect_err("wrong");
        assert_eq!(problems.len(), 2, "{problems:#?}");
        assert!(problems[0].contains("line 2"), "{problems:#?}");
        assert!(problems[1].contains("captcha.page"), "{problems:#?}");
    }

    #[test]
    fn an_entry_of_a_table_can_be_set_by_a_flag() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(&file, "[introspection.clients]\na = \"0123456789abcdef\"\n")
            .expect("write");
        let overrides = ["introspection.clients.gateway=fedcba9876543210"
            .parse()
            .expect("override")];
        let settings = load(Some(&file), &overrides).expect("settings");
        let clients: Vec<&String> = settings.introspection.clients.keys().collect();
        assert_eq!(clients, ["a", "gateway"]);
        assert_eq!(
            settings.origins["introspection.clients"],
            "--set introspection.clients.gateway"
        );
    }
}
