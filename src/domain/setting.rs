//! The catalogue of settings: what each is called and what it is, in both languages, what it may
//! hold, and whether it can be changed while the program runs.
//!
//! Values travel as text, as a form sends them: numbers in digits, `true` and `false`, choices by
//! their codes, lists with one item a line. Secrets do not travel to the browser at all.

use crate::{Text, Timestamp};
use serde::{Deserialize, Serialize};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Pieces.
    Count,
    /// Seconds.
    Seconds,
    /// Days.
    Days,
    /// Characters.
    Characters,
}

/// What a setting may hold, and who may change it.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A whole number within bounds.
    Number(i64, i64, Unit),
    /// Yes or no.
    Flag,
    /// One of these codes.
    Choice(&'static [(&'static str, Text)]),
    /// A line of text.
    Line,
    /// A line of text that may be missing.
    OptionalLine,
    /// A list: one item a line.
    Lines,
    /// A secret of one line.
    Secret,
    /// A secret of several lines.
    SecretText,
    /// A secret list: one item a line.
    SecretLines,
    /// For the configuration alone.
    Fixed,
    /// For the configuration alone, and not shown.
    FixedSecret,
}

impl Shape {
    /// Whether the value is kept from everybody.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Secret | Self::SecretText | Self::SecretLines | Self::FixedSecret
        )
    }

    /// Whether it can be changed while the program runs.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Fixed | Self::FixedSecret)
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::Lines | Self::SecretLines)
    }
}

/// One setting.
#[derive(Debug)]
pub struct Entry {
    /// Its name, as in `captcha.mode`.
    pub name: &'static str,
    /// What it is called.
    pub label: Text,
    /// What it is. The English is the sentence of the documentation.
    pub hint: Text,
    /// What it may hold.
    pub shape: Shape,
}

impl Entry {
    /// The section of the configuration that it is in, and its key there.
    #[must_use]
    pub fn place(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or((self.name, ""))
    }

    /// Whether it may hold `text`.
    ///
    /// # Errors
    /// What would be right.
    pub fn check(&self, text: &str) -> Result<(), Text> {
        let longest = if matches!(self.shape, Shape::SecretText | Shape::SecretLines) {
            LONG_MAX
        } else {
            LINE_MAX
        };
        if text.chars().count() > longest {
            return Err(Text::new(
                format!("至多 {longest} 个字符"),
                format!("must have at most {longest} characters"),
            ));
        }
        match self.shape {
            Shape::Number(min, max, _) => number(text, min, max),
            Shape::Flag => one_of(text, &["true", "false"]),
            Shape::Choice(choices) => {
                let codes: Vec<&str> = choices.iter().map(|(code, _)| *code).collect();
                one_of(text, &codes)
            }
            Shape::Line if text.trim().is_empty() => {
                Err(Text::fixed("不能为空", "must not be empty"))
            }
            Shape::Line | Shape::OptionalLine | Shape::Secret => plain(text, false),
            Shape::Lines | Shape::SecretText | Shape::SecretLines => plain(text, true),
            Shape::Fixed | Shape::FixedSecret => Err(FIXED),
        }
    }
}

/// Whether `text` is a whole number within bounds.
///
/// # Errors
/// What would be right.
pub fn number(text: &str, min: i64, max: i64) -> Result<(), Text> {
    match text.trim().parse::<i64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(()),
        _ => Err(Text::new(
            format!("应为 {min} 到 {max} 的整数"),
            format!("must be a whole number from {min} to {max}"),
        )),
    }
}

/// Why a setting of the configuration alone is not taken.
pub const FIXED: Text = Text::fixed(
    "只能在配置文件、环境变量或启动参数中修改，重启后生效",
    "can be changed in the configuration alone, and needs a restart",
);

/// The longest line.
pub const LINE_MAX: usize = 500;
/// The longest text of several lines.
pub const LONG_MAX: usize = 4000;

fn one_of(text: &str, codes: &[&str]) -> Result<(), Text> {
    if codes.contains(&text.trim()) {
        return Ok(());
    }
    Err(Text::new(
        format!("应为 {}", codes.join("、")),
        format!("must be one of {}", codes.join(", ")),
    ))
}

fn plain(text: &str, lines: bool) -> Result<(), Text> {
    let odd = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    if text.contains(odd) {
        return Err(Text::fixed(
            "不能含有控制字符",
            "must not hold control characters",
        ));
    }
    Ok(())
}

/// Where a group of settings stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Ways to sign in.
    SignIn,
    /// Protection against guessing and abuse.
    Protection,
    /// Sessions and tokens.
    Sessions,
    /// What the configuration alone says.
    Program,
}

/// Settings that are shown and changed together.
#[derive(Debug)]
pub struct Section {
    /// Its name in addresses.
    pub code: &'static str,
    /// Where it stands.
    pub area: Area,
    /// What it is called.
    pub name: Text,
    /// What it is about.
    pub about: Text,
    /// Whether it can be tried out.
    pub testable: bool,
    /// Its settings.
    pub entries: &'static [Entry],
}

/// The codes of the sections that are ways to sign in.
pub const WAYS: &[&str] = &[
    "sms",
    "wechat_mini",
    "wechat_scan",
    "wecom",
    "passkey",
    "facade",
];

/// Finds a section.
#[must_use]
pub fn section(code: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|s| s.code == code)
}

/// Every setting.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    SECTIONS.iter().flat_map(|s| s.entries)
}

/// What the settings of one section of the configuration are called, where a section on the
/// screen holds several.
#[must_use]
pub fn part_name(place: &str) -> Option<Text> {
    Some(match place {
        "sms_http" => Text::fixed("HTTP 网关", "HTTP gateway"),
        "sms_aliyun" => Text::fixed("阿里云", "Aliyun"),
        "sms_tencent" => Text::fixed("腾讯云", "Tencent Cloud"),
        "server" => Text::fixed("监听", "Listening"),
        "database" => Text::fixed("数据库", "Database"),
        "security" => Text::fixed("主密钥", "Master key"),
        "log" => Text::fixed("日志", "Log"),
        "outbound" => Text::fixed("对外请求", "Outgoing requests"),
        "introspection" => Text::fixed("令牌查询", "Introspection"),
        "metrics" => Text::fixed("指标", "Metrics"),
        "dev" => Text::fixed("开发", "Development"),
        _ => return None,
    })
}

/// A setting as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its name, as in `captcha.mode`.
    pub name: String,
    /// What it is called.
    pub label: Text,
    /// What it is.
    pub hint: Text,
    /// What it may hold.
    pub field: ItemField,
    /// The value in force; empty for a secret.
    pub value: String,
    /// The value without a change; empty for a secret.
    pub default: String,
    /// Whether there is a value.
    pub is_set: bool,
    /// Whether the value was set here, and not left at its default.
    pub changed: bool,
    /// Where the configuration sets it, which nothing here overrides: a file's name, a variable
    /// or a flag.
    pub origin: Option<String>,
    /// Whether it can be changed here.
    pub open: bool,
}

impl Item {
    /// Whether it is a secret that was set here and can't be opened any more, as after a change of
    /// the master key: it is in force no longer, and can be replaced or removed.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let secret = matches!(self.field, ItemField::Secret | ItemField::SecretLines);
        secret && self.changed && !self.is_set
    }
}

/// What a setting is filled in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemField {
    /// A whole number within bounds.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
        /// What it counts.
        unit: Unit,
    },
    /// Yes or no.
    Flag,
    /// One of these codes, with their names.
    Choice(Vec<(String, Text)>),
    /// A line of text.
    Line,
    /// Several lines.
    Lines,
    /// A secret of one line.
    Secret,
    /// A secret of several lines.
    SecretLines,
}

impl From<Shape> for ItemField {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Number(min, max, unit) => Self::Number { min, max, unit },
            Shape::Flag => Self::Flag,
            Shape::Choice(choices) => Self::Choice(
                choices
                    .iter()
                    .map(|(code, name)| ((*code).to_owned(), name.clone()))
                    .collect(),
            ),
            Shape::Line | Shape::OptionalLine | Shape::Fixed => Self::Line,
            Shape::Lines => Self::Lines,
            Shape::Secret | Shape::FixedSecret => Self::Secret,
            Shape::SecretText | Shape::SecretLines => Self::SecretLines,
        }
    }
}

/// Settings of one section of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The section in the configuration, as in `sms_http`.
    pub code: String,
    /// What it is called, where it stands beside others.
    pub name: Option<Text>,
    /// Whether it counts now: a vendor that is chosen, or anything that needs no choice.
    pub in_use: bool,
    /// Its settings.
    pub items: Vec<Item>,
}

/// A section as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionView {
    /// Its name in addresses.
    pub code: String,
    /// Where it stands.
    pub area: Area,
    /// What it is called.
    pub name: Text,
    /// What it is about.
    pub about: Text,
    /// For a way to sign in: whether it is on.
    pub on: Option<bool>,
    /// Whether it can be tried out as it stands.
    pub testable: bool,
    /// How many of its settings were changed here.
    pub changed: i64,
    /// Who changed something here last.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Timestamp>,
    /// Why what was set here is not in force, if so.
    pub trouble: Option<Text>,
    /// Its settings.
    pub parts: Vec<Part>,
}

impl SectionView {
    /// Whether anything of it can be changed here.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.parts.iter().flat_map(|p| &p.items).any(|i| i.open)
    }
}

/// What a signing key is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It is published and does not sign yet.
    Next,
    /// It signs.
    Signing,
    /// It does not sign any more; its tokens are still accepted.
    Retired,
}

impl KeyState {
    /// The word that clients know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

/// A signing key, without what signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Its name in token headers and in the JWKS.
    pub kid: String,
    /// `EdDSA`, `ES256` or `RS256`.
    pub algorithm: String,
    /// What it is doing.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub active_at: Timestamp,
    /// Until when its tokens are accepted; none while it is not followed.
    pub expires_at: Option<Timestamp>,
}

/// The signing keys, and when the next one is made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRing {
    /// The newest first.
    pub keys: Vec<KeyInfo>,
    /// When the next one is made.
    pub rotates_at: Timestamp,
}

const fn entry(
    name: &'static str,
    label: (&'static str, &'static str),
    hint: (&'static str, &'static str),
    shape: Shape,
) -> Entry {
    Entry {
        name,
        label: Text::fixed(label.0, label.1),
        hint: Text::fixed(hint.0, hint.1),
        shape,
    }
}

const SECOND: Unit = Unit::Seconds;
const COUNT: Unit = Unit::Count;

/// When a captcha must be solved.
static CAPTCHA_MODES: &[(&str, Text)] = &[
    ("always", Text::fixed("每次登录", "At every sign-in")),
    (
        "adaptive",
        Text::fixed("多次失败之后", "After several failures"),
    ),
    ("never", Text::fixed("从不", "Never")),
];
static REGISTRATION_MODES: &[(&str, Text)] = &[
    ("open", Text::fixed("任何人都可注册", "Anybody may sign up")),
    (
        "closed",
        Text::fixed("只能由管理员创建", "Administrators make accounts"),
    ),
];
static BINDINGS: &[(&str, Text)] = &[
    (
        "ua_ip",
        Text::fixed("客户端标识与 IP 地址", "User-Agent and IP address"),
    ),
    ("ua", Text::fixed("客户端标识", "User-Agent")),
    ("none", Text::fixed("不绑定", "Nothing")),
];
static SMS_PROVIDERS: &[(&str, Text)] = &[
    ("none", Text::fixed("不发送短信", "None: they are not sent")),
    ("http", Text::fixed("HTTP 网关", "HTTP gateway")),
    ("aliyun", Text::fixed("阿里云", "Aliyun")),
    ("tencent", Text::fixed("腾讯云", "Tencent Cloud")),
    (
        "log",
        Text::fixed("写入日志（仅开发）", "The log (development)"),
    ),
];
static METHODS: &[(&str, Text)] = &[
    ("get", Text::fixed("GET 方法", "GET")),
    ("post", Text::fixed("POST 方法", "POST")),
    ("put", Text::fixed("PUT 方法", "PUT")),
];
static FORMATS: &[(&str, Text)] = &[
    ("form", Text::fixed("表单", "Form")),
    ("json", Text::fixed("JSON 格式", "JSON")),
    ("text", Text::fixed("纯文本", "Plain text")),
];

/// All sections, in the order in which they are shown.
pub static SECTIONS: &[Section] = &[
    Section {
        code: "sms",
        area: Area::SignIn,
        name: Text::fixed("短信", "Text messages"),
        about: Text::fixed(
            "用短信验证码登录，以及由谁发送",
            "Signing in with a code by text message, and who sends it",
        ),
        testable: true,
        entries: SMS,
    },
    Section {
        code: "wechat_mini",
        area: Area::SignIn,
        name: Text::fixed("微信小程序", "WeChat mini-program"),
        about: Text::fixed(
            "在微信小程序中登录；填写 AppID 和 AppSecret 后开启，都不填则关闭，只填一个不能保存",
            "Signing in from a WeChat mini-program; on with AppID and AppSecret, off without both. One alone can't be saved",
        ),
        testable: true,
        entries: WECHAT_MINI,
    },
    Section {
        code: "wechat_scan",
        area: Area::SignIn,
        name: Text::fixed("微信扫码", "WeChat QR code"),
        about: Text::fixed(
            "用微信扫码登录网站；填写 AppID 和 AppSecret 后开启，都不填则关闭，只填一个不能保存",
            "Signing in by scanning a code with WeChat; on with AppID and AppSecret, off without both. One alone can't be saved",
        ),
        testable: true,
        entries: WECHAT_SCAN,
    },
    Section {
        code: "wecom",
        area: Area::SignIn,
        name: Text::fixed("企业微信", "WeCom"),
        about: Text::fixed(
            "企业成员用企业微信登录；填写企业 ID 和 Secret 后开启，都不填则关闭，只填一个不能保存",
            "Members of a corporation sign in with WeCom; on with corporation ID and secret, off without both. One alone can't be saved",
        ),
        testable: true,
        entries: WECOM,
    },
    Section {
        code: "passkey",
        area: Area::SignIn,
        name: Text::fixed("通行密钥", "Passkeys"),
        about: Text::fixed(
            "用设备的指纹、面容或 PIN 登录；未设置域名时关闭",
            "Signing in with a device's fingerprint, face or PIN; off while no domain name is set",
        ),
        testable: false,
        entries: PASSKEY,
    },
    Section {
        code: "facade",
        area: Area::SignIn,
        name: Text::fixed("兼容接口", "Compatible API"),
        about: Text::fixed(
            "为其他接口文档的客户端保留的登录方式",
            "Sign-in as clients of other API documents do it",
        ),
        testable: false,
        entries: FACADE,
    },
    Section {
        code: "captcha",
        area: Area::Protection,
        name: Text::fixed("图形验证码", "Captchas"),
        about: Text::fixed("登录时何时需要验证码", "When signing in asks for a captcha"),
        testable: false,
        entries: CAPTCHA,
    },
    Section {
        code: "registration",
        area: Area::Protection,
        name: Text::fixed("注册", "Sign-up"),
        about: Text::fixed("陌生人能否创建账号", "Whether strangers may make accounts"),
        testable: false,
        entries: REGISTRATION,
    },
    Section {
        code: "password",
        area: Area::Protection,
        name: Text::fixed("密码", "Passwords"),
        about: Text::fixed("如何选择与保存密码", "How passwords are chosen and hashed"),
        testable: false,
        entries: PASSWORD,
    },
    Section {
        code: "limits",
        area: Area::Protection,
        name: Text::fixed("频率限制", "Limits"),
        about: Text::fixed(
            "防止猜测密码与滥发短信",
            "Against guessing passwords, and against sending text messages without end",
        ),
        testable: false,
        entries: LIMITS,
    },
    Section {
        code: "session",
        area: Area::Sessions,
        name: Text::fixed("会话", "Sessions"),
        about: Text::fixed(
            "会话持续多久，绑定什么",
            "How long sessions last and what they are bound to",
        ),
        testable: false,
        entries: SESSION,
    },
    Section {
        code: "token",
        area: Area::Sessions,
        name: Text::fixed("令牌", "Tokens"),
        about: Text::fixed("访问令牌与刷新令牌的有效期", "Access and refresh tokens"),
        testable: false,
        entries: TOKEN,
    },
    Section {
        code: "upload",
        area: Area::Program,
        name: Text::fixed("上传", "Uploads"),
        about: Text::fixed(
            "文件保存在哪里，能存多少",
            "Where files are kept, and how much of them",
        ),
        testable: false,
        entries: UPLOAD,
    },
    Section {
        code: "program",
        area: Area::Program,
        name: Text::fixed("程序", "Program"),
        about: Text::fixed(
            "监听地址、数据库、密钥与日志",
            "Address, database, master key and log",
        ),
        testable: false,
        entries: PROGRAM,
    },
];

static SMS: &[Entry] = &[
    entry(
        "sms.provider",
        ("发送方式", "Provider"),
        (
            "由谁发送短信；每种方式有自己的设置",
            "`none`, `http`, `aliyun` or `tencent`, each with a section of its own; or `log` for development.",
        ),
        Shape::Choice(SMS_PROVIDERS),
    ),
    entry(
        "sms_http.method",
        ("请求方法", "Method"),
        ("用什么方法请求网关", "`get`, `post` or `put`."),
        Shape::Choice(METHODS),
    ),
    entry(
        "sms_http.url",
        ("网关地址", "Address"),
        (
            "网关的地址，例如 https://sms.example.com/send?to={phone}；可能含有密钥，因此不显示",
            "The gateway's address, as in `https://sms.example.com/send?to={phone}`.",
        ),
        Shape::Secret,
    ),
    entry(
        "sms_http.headers",
        ("请求头", "Headers"),
        (
            "每行一个，例如 Authorization: Bearer …",
            "Headers, as in `[\"Authorization: Bearer …\"]`.",
        ),
        Shape::SecretLines,
    ),
    entry(
        "sms_http.body",
        ("请求体", "Body"),
        (
            "{phone} 与 {code} 会被替换；不填则没有请求体",
            "The body; none when not set.",
        ),
        Shape::SecretText,
    ),
    entry(
        "sms_http.format",
        ("请求体格式", "Body format"),
        (
            "决定 {phone} 与 {code} 如何转义",
            "What the body is written in: `form`, `json` or `text`.",
        ),
        Shape::Choice(FORMATS),
    ),
    entry(
        "sms_http.expect",
        ("成功标志", "Success mark"),
        (
            "除状态码为 2xx 外，回答中还须含有的内容，例如 \"code\":0",
            "What an answer must contain, beside a status of 2xx, to count as a success, as in `\"code\":0`.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_aliyun.access_key_id",
        ("AccessKey ID（访问密钥）", "AccessKey ID"),
        (
            "访问密钥的 ID；其用户只需要 dysms:SendSms 权限",
            "The access key's id. Its user needs the action `dysms:SendSms` alone.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_aliyun.access_key_secret",
        ("AccessKey Secret（密钥）", "AccessKey secret"),
        ("访问密钥的 Secret", "The access key's secret."),
        Shape::Secret,
    ),
    entry(
        "sms_aliyun.sign_name",
        ("短信签名", "Signature"),
        (
            "短信正文之前的签名",
            "The signature (签名) that stands before the message.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_aliyun.template_code",
        ("模板编码", "Template code"),
        (
            "例如 SMS_123456789",
            "The template's code, as in `SMS_123456789`.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_aliyun.code_param",
        ("验证码变量名", "Code variable"),
        (
            "模板中代表验证码的变量名",
            "The name of the template's variable that takes the one-time code.",
        ),
        Shape::Line,
    ),
    entry(
        "sms_aliyun.url",
        ("接口地址", "API address"),
        (
            "阿里云短信接口的地址",
            "The address of Aliyun's API for text messages.",
        ),
        Shape::Fixed,
    ),
    entry(
        "sms_tencent.secret_id",
        ("SecretId（密钥编号）", "SecretId"),
        ("API 密钥的编号", "The id of the API key."),
        Shape::OptionalLine,
    ),
    entry(
        "sms_tencent.secret_key",
        ("SecretKey（密钥）", "SecretKey"),
        ("API 密钥", "The API key."),
        Shape::Secret,
    ),
    entry(
        "sms_tencent.app_id",
        ("应用编号", "Application ID"),
        (
            "SmsSdkAppId，例如 1400006666",
            "The application's id (SmsSdkAppId), as in `1400006666`.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_tencent.sign_name",
        ("短信签名", "Signature"),
        (
            "短信正文之前的签名",
            "The signature (签名) that stands before the message.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "sms_tencent.template_id",
        ("模板编号", "Template ID"),
        ("例如 449739", "The template's id, as in `449739`."),
        Shape::OptionalLine,
    ),
    entry(
        "sms_tencent.template_params",
        ("模板变量", "Template variables"),
        (
            "按顺序每行一个，{code} 会替换为验证码",
            "The template's variables in their order, as in `[\"{code}\", \"5\"]`; `{code}` becomes the one-time code.",
        ),
        Shape::Lines,
    ),
    entry(
        "sms_tencent.region",
        ("地域", "Region"),
        ("由哪个地域处理", "The region that answers."),
        Shape::Line,
    ),
    entry(
        "sms_tencent.url",
        ("接口地址", "API address"),
        (
            "腾讯云短信接口的地址",
            "The address of Tencent Cloud's API for text messages.",
        ),
        Shape::Fixed,
    ),
];

static WECHAT_MINI: &[Entry] = &[
    entry(
        "wechat_mini.app_id",
        ("AppID（小程序编号）", "AppID"),
        ("小程序的 AppID", "The mini-program's AppID."),
        Shape::OptionalLine,
    ),
    entry(
        "wechat_mini.secret",
        ("AppSecret（小程序密钥）", "AppSecret"),
        ("小程序的 AppSecret", "The mini-program's AppSecret."),
        Shape::Secret,
    ),
    entry(
        "wechat_mini.url",
        ("接口地址", "API address"),
        ("微信接口的地址", "The address of WeChat's API."),
        Shape::Fixed,
    ),
];

static WECHAT_SCAN: &[Entry] = &[
    entry(
        "wechat_scan.app_id",
        ("AppID（网站应用编号）", "AppID"),
        ("网站应用的 AppID", "The website application's AppID."),
        Shape::OptionalLine,
    ),
    entry(
        "wechat_scan.secret",
        ("AppSecret（网站应用密钥）", "AppSecret"),
        (
            "网站应用的 AppSecret",
            "The website application's AppSecret.",
        ),
        Shape::Secret,
    ),
    entry(
        "wechat_scan.url",
        ("接口地址", "API address"),
        ("微信接口的地址", "The address of WeChat's API."),
        Shape::Fixed,
    ),
    entry(
        "wechat_scan.login_url",
        ("扫码页地址", "Address of the page"),
        (
            "微信展示二维码的页面。同时设置了 server.public_url 时，登录页会带浏览器前往",
            "WeChat's page that shows the code to be scanned. The admin UI leads browsers there when `server.public_url` is set as well.",
        ),
        Shape::Fixed,
    ),
];

static WECOM: &[Entry] = &[
    entry(
        "wecom.corp_id",
        ("企业 ID", "Corporation ID"),
        ("企业的 ID", "The corporation's id."),
        Shape::OptionalLine,
    ),
    entry(
        "wecom.secret",
        ("Secret（应用密钥）", "Secret"),
        ("应用的 Secret", "The application's secret."),
        Shape::Secret,
    ),
    entry(
        "wecom.url",
        ("接口地址", "API address"),
        ("企业微信接口的地址", "The address of WeCom's API."),
        Shape::Fixed,
    ),
    entry(
        "wecom.agent_id",
        ("AgentId（应用编号）", "AgentId"),
        (
            "应用的 AgentId，例如 1000002；接口不需要它，企业微信的登录页需要",
            "The application's AgentId, as in `1000002`; the API does without it, WeCom's page does not.",
        ),
        Shape::OptionalLine,
    ),
    entry(
        "wecom.login_url",
        ("登录页地址", "Address of the page"),
        (
            "企业微信让成员登录浏览器的页面。同时设置了 agent_id 与 server.public_url 时，登录页会带浏览器前往",
            "WeCom's page where members let a browser in. The admin UI leads browsers there when `agent_id` and `server.public_url` are set as well.",
        ),
        Shape::Fixed,
    ),
];

static PASSKEY: &[Entry] = &[
    entry(
        "passkey.rp_id",
        ("域名", "Domain name"),
        (
            "通行密钥绑定的域名，例如 example.com：使用它们的页面的域名，或其上级。换成别的域名后，已有的通行密钥全部失效。为空时关闭（--dev 时为 localhost）",
            "The domain name that passkeys are bound to, as in `example.com`: that of the pages on which they are used, or one above it. With another name, all passkeys made so far are good for nothing. Empty: no passkeys (with `--dev`, `localhost`).",
        ),
        Shape::Fixed,
    ),
    entry(
        "passkey.rp_name",
        ("名称", "Name"),
        ("设备上显示的系统名称", "What devices call this system."),
        Shape::Fixed,
    ),
    entry(
        "passkey.origins",
        ("页面来源", "Origins"),
        (
            "使用通行密钥的页面的来源，例如 https://id.example.com；未设置时为 https:// 加域名",
            "The origins of the pages on which they are used, as in `https://id.example.com`; `https://` and `rp_id` when none is set.",
        ),
        Shape::Fixed,
    ),
];

static FACADE: &[Entry] = &[entry(
    "facade.get_login",
    ("允许用 GET 登录", "Sign-in by GET"),
    (
        "/api/auth/login 是否也接受写在地址中的用户名和密码，如文档 D 的客户端那样。代理和浏览器会记下地址：没有客户端需要时请关闭",
        "Whether `/api/auth/login` takes a name and a password in the address too, as document D's clients send them. Addresses are kept by proxies and browsers: turn it off when no client needs it.",
    ),
    Shape::Flag,
)];

static CAPTCHA: &[Entry] = &[
    entry(
        "captcha.mode",
        ("REST 接口", "REST API"),
        (
            "REST 接口登录时何时需要验证码",
            "When the REST routes want one.",
        ),
        Shape::Choice(CAPTCHA_MODES),
    ),
    entry(
        "captcha.page",
        ("管理后台登录页", "Login page"),
        (
            "管理后台的登录页何时需要验证码",
            "When the login page of the admin UI wants one.",
        ),
        Shape::Choice(CAPTCHA_MODES),
    ),
];

static REGISTRATION: &[Entry] = &[
    entry(
        "registration.mode",
        ("谁能创建账号", "Who makes accounts"),
        (
            "开放注册的新账号没有任何权限",
            "Who makes accounts: `open` lets anybody sign up, without any permission; with `closed` administrators do.",
        ),
        Shape::Choice(REGISTRATION_MODES),
    ),
    entry(
        "registration.per_hour",
        ("每小时上限", "Accounts an hour"),
        (
            "同一地址每小时最多注册多少账号",
            "How many accounts one address may make in an hour.",
        ),
        Shape::Number(1, 1_000_000, COUNT),
    ),
];

static PASSWORD: &[Entry] = &[
    entry(
        "password.min_length",
        ("最短长度", "Least length"),
        (
            "新密码最少多少个字符",
            "The fewest characters of a new password.",
        ),
        Shape::Number(12, 64, Unit::Characters),
    ),
    entry(
        "password.memory_kib",
        ("Argon2id 内存", "Argon2id memory"),
        (
            "Argon2id 使用的内存（m），单位 KiB；用其他参数生成的哈希会在下次登录时更新",
            "Argon2id's memory in KiB (m). Hashes made with other parameters are renewed at the next sign-in.",
        ),
        Shape::Fixed,
    ),
    entry(
        "password.passes",
        ("Argon2id 轮数", "Argon2id passes"),
        ("Argon2id 的轮数（t）", "Argon2id's passes (t)."),
        Shape::Fixed,
    ),
    entry(
        "password.lanes",
        ("Argon2id 并行度", "Argon2id lanes"),
        ("Argon2id 的并行度（p）", "Argon2id's lanes (p)."),
        Shape::Fixed,
    ),
    entry(
        "password.workers",
        ("同时计算", "Workers"),
        (
            "同时计算多少个密码哈希；0 表示每个处理器一个",
            "How many passwords are hashed at the same time; 0 for one per processor.",
        ),
        Shape::Fixed,
    ),
    entry(
        "password.queue",
        ("排队上限", "Queue"),
        (
            "还可以有多少个排队；超过时返回 503 与 Retry-After",
            "How many more may wait; past it the answer is 503 with `Retry-After`.",
        ),
        Shape::Fixed,
    ),
];

static LIMITS: &[Entry] = &[
    entry(
        "limits.delay_after",
        ("失败多少次后等待", "Failures before a wait"),
        (
            "同一用户名在同一地址连续失败多少次后，每次再试都要等待，时间逐次加倍",
            "After how many failures in a row for a name from one address each further try must wait, twice as long each time.",
        ),
        Shape::Number(1, 10_000, COUNT),
    ),
    entry(
        "limits.delay_max_seconds",
        ("最长等待", "Longest wait"),
        ("这样的等待最长多少秒", "The longest such wait, in seconds."),
        Shape::Number(1, 86_400, SECOND),
    ),
    entry(
        "limits.name_failures",
        ("用户名失败上限", "Failures for a name"),
        (
            "同一用户名无论从哪里连续失败多少次后，任何地址再试都要等待",
            "After how many failures in a row for a name, from anywhere, tries must wait whatever address they come from.",
        ),
        Shape::Number(1, 1_000_000, COUNT),
    ),
    entry(
        "limits.captchas_per_minute",
        ("每分钟验证码", "Captchas a minute"),
        (
            "同一地址每分钟最多获取多少个验证码，以及多少次通行密钥的质询",
            "How many captchas one address may ask for in a minute, and how many challenges for passkeys.",
        ),
        Shape::Number(1, 1_000_000, COUNT),
    ),
    entry(
        "limits.sms_phone_per_day",
        ("每个号码每天短信", "Codes a day for a number"),
        (
            "同一号码每天最多收到多少条验证码；每分钟至多一条",
            "How many codes one phone number is sent in a day; never more than one in a minute.",
        ),
        Shape::Number(1, 10_000, COUNT),
    ),
    entry(
        "limits.sms_address_per_hour",
        ("每个地址每小时短信", "Codes an hour for an address"),
        (
            "同一地址每小时最多获取多少条验证码",
            "How many codes one address may ask for in an hour.",
        ),
        Shape::Number(1, 1_000_000, COUNT),
    ),
    entry(
        "limits.sms_prefix_per_hour",
        ("相近号码每小时短信", "Codes an hour for like numbers"),
        (
            "只有末四位不同的号码每小时总共最多发送多少条验证码",
            "How many codes all numbers that differ in their last four digits alone are sent in an hour.",
        ),
        Shape::Number(1, 1_000_000, COUNT),
    ),
    entry(
        "limits.sms_per_day",
        ("每天短信总数", "Codes a day in total"),
        (
            "每天总共最多发送多少条验证码",
            "How many codes are sent in a day altogether.",
        ),
        Shape::Number(1, 10_000_000, COUNT),
    ),
];

static SESSION: &[Entry] = &[
    entry(
        "session.binding",
        ("会话绑定", "Binding"),
        (
            "续期令牌或完成两步验证时，客户端的什么必须与登录时相同",
            "What a client must still show when it renews its tokens or gives its one-time code: `ua_ip`, `ua` or `none`.",
        ),
        Shape::Choice(BINDINGS),
    ),
    entry(
        "session.max_seconds",
        ("REST 会话最长", "Longest REST session"),
        (
            "REST 会话最长持续多少秒；对新登录生效",
            "The longest a session of the REST API lasts, in seconds.",
        ),
        Shape::Number(300, 31_536_000, SECOND),
    ),
    entry(
        "session.page_idle_seconds",
        ("管理后台闲置", "Admin UI without use"),
        (
            "管理后台的会话不使用多久后失效，单位秒",
            "How long a session of the admin UI lasts without use, in seconds.",
        ),
        Shape::Number(120, 604_800, SECOND),
    ),
    entry(
        "session.page_max_seconds",
        ("管理后台最长", "Longest admin UI session"),
        (
            "管理后台的会话最长持续多少秒；对新登录生效",
            "The longest a session of the admin UI lasts, in seconds.",
        ),
        Shape::Number(300, 2_592_000, SECOND),
    ),
];

static TOKEN: &[Entry] = &[
    entry(
        "token.access_seconds",
        ("访问令牌有效期", "Access token"),
        (
            "访问令牌有效多少秒，至多 900",
            "How long an access token is good, in seconds; at most 900.",
        ),
        Shape::Number(60, 900, SECOND),
    ),
    entry(
        "token.refresh_seconds",
        ("刷新令牌有效期", "Refresh token"),
        (
            "刷新令牌有效多少秒",
            "How long a refresh token is good, in seconds.",
        ),
        Shape::Number(300, 31_536_000, SECOND),
    ),
    entry(
        "token.key_days",
        ("密钥轮换周期", "Key rotation"),
        (
            "多少天后由新的签名密钥接替",
            "After how many days a new signing key takes over.",
        ),
        Shape::Number(1, 3650, Unit::Days),
    ),
    entry(
        "token.algorithm",
        ("签名算法", "Algorithm"),
        (
            "签名算法：EdDSA、ES256 或 RS256。修改后，旧算法签名的令牌在到期前仍然有效",
            "The signature: `EdDSA`, `ES256` or `RS256`. After a change, tokens signed the old way are accepted until they expire.",
        ),
        Shape::Fixed,
    ),
    entry(
        "token.issuer",
        ("签发者", "Issuer"),
        ("令牌的 iss 声明", "The `iss` claim."),
        Shape::Fixed,
    ),
    entry(
        "token.audience",
        ("受众", "Audience"),
        ("令牌的 aud 声明", "The `aud` claim."),
        Shape::Fixed,
    ),
];

static UPLOAD: &[Entry] = &[
    entry(
        "upload.store",
        ("保存方式", "Store"),
        (
            "local 为文件夹，s3 为存储桶。共用一个数据库的节点需要同一处存储：一个存储桶，或一个共享的文件夹",
            "`local` for a folder, or `s3` for a bucket. Nodes of one database need one store: a bucket, or a folder that they share.",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.folder",
        ("文件夹", "Folder"),
        (
            "只放上传文件的文件夹；未设置时为 SQLite 数据库旁的 uploads，或 data/uploads",
            "The folder, for uploads alone; `uploads` beside the SQLite database, or `data/uploads`, when not set.",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.max_bytes",
        ("文件大小上限", "Largest file"),
        (
            "最大的文件，单位字节；至多 33554432（32 MiB）",
            "The largest file, in bytes; at most 33554432 (32 MiB).",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.max_megapixels",
        ("图片像素上限", "Largest picture"),
        (
            "最大的图片，单位百万像素。一次只检查一张图片，每个像素用 4 到 12 字节内存",
            "The largest picture, in millions of pixels. One picture at a time is checked, with 4 to 12 bytes of memory for each pixel.",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.per_hour",
        ("每小时上限", "Files an hour"),
        (
            "一个用户每小时最多上传多少个文件",
            "How many files one user may upload in an hour.",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.s3_endpoint",
        ("S3 地址", "S3 endpoint"),
        (
            "兼容 S3 的存储的地址，例如 https://s3.example.com；未设置时为亚马逊。用 http:// 时文件不加密传输",
            "The address of an S3-compatible store, as in `https://s3.example.com`; Amazon's own when not set. With `http://` files travel unencrypted.",
        ),
        Shape::Fixed,
    ),
    entry(
        "upload.s3_bucket",
        ("S3 存储桶", "S3 bucket"),
        ("只放上传文件的存储桶", "The bucket, for uploads alone."),
        Shape::Fixed,
    ),
    entry(
        "upload.s3_region",
        ("S3 地域", "S3 region"),
        ("地域", "The region."),
        Shape::Fixed,
    ),
    entry(
        "upload.s3_access_key",
        ("S3 访问密钥编号", "S3 access key"),
        ("访问密钥的编号", "The id of the access key."),
        Shape::FixedSecret,
    ),
    entry(
        "upload.s3_secret_key",
        ("S3 访问密钥", "S3 secret key"),
        ("访问密钥", "The secret access key."),
        Shape::FixedSecret,
    ),
    entry(
        "upload.s3_virtual_host",
        ("主机名含存储桶", "Bucket in the host name"),
        (
            "地址的主机名是否已含存储桶的名字，如阿里云 OSS 所要求（https://bucket.oss-cn-hangzhou.aliyuncs.com）",
            "Whether the endpoint's host name already holds the bucket's, as Aliyun OSS wants it (`https://bucket.oss-cn-hangzhou.aliyuncs.com`).",
        ),
        Shape::Fixed,
    ),
];

static PROGRAM: &[Entry] = &[
    entry(
        "server.listen",
        ("监听地址", "Listening address"),
        ("监听的地址与端口", "The address and port to listen on."),
        Shape::Fixed,
    ),
    entry(
        "server.public_url",
        ("公开地址", "Public address"),
        (
            "浏览器使用的地址，例如 https://id.example.com。以 https:// 开头时 Cookie 带有 Secure",
            "The address that browsers use, as in `https://id.example.com`. With `https://` cookies are `Secure`.",
        ),
        Shape::Fixed,
    ),
    entry(
        "server.trusted_proxies",
        ("受信任的代理", "Trusted proxies"),
        (
            "哪些代理的 X-Forwarded-For 与 X-Forwarded-Proto 可信，写地址或网段，例如 [\"10.0.0.0/8\"]",
            "Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, as in `[\"10.0.0.0/8\"]`.",
        ),
        Shape::Fixed,
    ),
    entry(
        "server.cors_origins",
        ("跨域来源", "CORS origins"),
        (
            "哪些来源的页面可以在浏览器中调用 REST 接口，例如 [\"https://app.example.com\"]",
            "Origins whose pages may call the REST API from a browser, as in `[\"https://app.example.com\"]`.",
        ),
        Shape::Fixed,
    ),
    entry(
        "server.time_zone",
        ("时区", "Time zone"),
        (
            "回答中时间的时区，例如 Asia/Shanghai；未设置时为本机时区",
            "The time zone of times in answers, as in `Asia/Shanghai`; the machine's when not set.",
        ),
        Shape::Fixed,
    ),
    entry(
        "database.url",
        ("数据库地址", "Database address"),
        (
            "sqlite://文件路径 或 postgres://用户:密码@主机/库名",
            "`sqlite://path/to/file.db` or `postgres://user:password@host/name`.",
        ),
        Shape::FixedSecret,
    ),
    entry(
        "database.connections",
        ("数据库连接数", "Connections"),
        (
            "同时打开的连接上限（SQLite 下为读取的连接）",
            "The most connections that are open at once (for reading, beside SQLite).",
        ),
        Shape::Fixed,
    ),
    entry(
        "security.master_key",
        ("主密钥", "Master key"),
        (
            "主密钥，32 字节的 base64，各节点相同。使用 SQLite 时可不设，会生成密钥文件",
            "The master key, 32 bytes in base64. Every node needs the same one. Beside SQLite it may be left out: a key file is made then.",
        ),
        Shape::FixedSecret,
    ),
    entry(
        "security.key_file",
        ("主密钥文件", "Key file"),
        (
            "保存主密钥的文件；未设置时为 SQLite 数据库旁的 menshen.key",
            "The file that holds the master key; beside SQLite `menshen.key` in the database's folder when not set.",
        ),
        Shape::Fixed,
    ),
    entry(
        "log.filter",
        ("日志级别", "Log filter"),
        (
            "写什么：error、warn、info、debug，或如 info,sqlx=debug 的过滤器",
            "What is written: `error`, `warn`, `info`, `debug`, or a filter as in `info,sqlx=debug`.",
        ),
        Shape::Fixed,
    ),
    entry(
        "log.format",
        ("日志格式", "Log format"),
        ("text 或 json 两种格式", "`text` or `json`."),
        Shape::Fixed,
    ),
    entry(
        "outbound.allow_private",
        ("允许内网地址", "Private addresses"),
        (
            "供应商能否使用本机、内网与链路本地地址，以及不用 TLS：供自己机房中的网关使用",
            "Whether vendors may have loopback, private and link-local addresses, and be spoken to without TLS: for a gateway in one's own house.",
        ),
        Shape::Fixed,
    ),
    entry(
        "outbound.connect_seconds",
        ("连接时限", "Time to connect"),
        (
            "建立连接最多多少秒",
            "How long a connection may take to come about, in seconds.",
        ),
        Shape::Fixed,
    ),
    entry(
        "outbound.total_seconds",
        ("总时限", "Time in total"),
        (
            "一问一答总共最多多少秒",
            "How long a whole question and answer may take, in seconds.",
        ),
        Shape::Fixed,
    ),
    entry(
        "introspection.clients",
        ("可查询令牌的客户端", "Clients"),
        (
            "可查询令牌的客户端及其至少 16 个字符的密钥，写在 [introspection.clients] 中，例如 gateway = \"…\"，或用 MENSHEN_INTROSPECTION__CLIENTS__GATEWAY",
            "The clients and their secrets of at least 16 characters, as in `[introspection.clients]` with `gateway = \"…\"`, or `MENSHEN_INTROSPECTION__CLIENTS__GATEWAY`.",
        ),
        Shape::FixedSecret,
    ),
    entry(
        "metrics.public",
        ("公开指标", "Public metrics"),
        (
            "任何人是否都能读取。没有它也没有令牌时，谁都不能读取",
            "Whether anybody may. Without it, and without a token, nobody may.",
        ),
        Shape::Fixed,
    ),
    entry(
        "metrics.token",
        ("指标令牌", "Metrics token"),
        (
            "Prometheus 以 Authorization: Bearer … 出示的令牌，至少 16 个字符",
            "The token, of at least 16 characters, that Prometheus shows as `Authorization: Bearer …`.",
        ),
        Shape::FixedSecret,
    ),
    entry(
        "dev.captcha_answer",
        ("万能验证码", "Captcha answer"),
        (
            "任何验证码都接受的答案，只能与 --dev 一起使用",
            "An answer that every captcha takes. Only with `--dev`.",
        ),
        Shape::FixedSecret,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_codes_are_there_once() {
        let names: BTreeSet<_> = entries().map(|e| e.name).collect();
        assert_eq!(names.len(), entries().count());
        let codes: BTreeSet<_> = SECTIONS.iter().map(|s| s.code).collect();
        assert_eq!(codes.len(), SECTIONS.len());
        for e in entries() {
            let (section, key) = e.place();
            assert!(!section.is_empty() && !key.is_empty(), "{}", e.name);
        }
        assert!(section("captcha").is_some() && section("nowhere").is_none());
        let ways = SECTIONS.iter().filter(|s| s.area == Area::SignIn);
        assert!(ways.map(|s| s.code).eq(WAYS.iter().copied()));
    }

    fn of(name: &str) -> &'static Entry {
        entries().find(|e| e.name == name).expect(name)
    }

    #[test]
    fn values_are_held_to_what_a_setting_may_be() {
        for (name, good, bad) in [
            ("limits.delay_after", " 5 ", "0"),
            ("limits.delay_after", "10000", "ten"),
            ("token.access_seconds", "900", "901"),
            ("password.min_length", "12", "11"),
            ("facade.get_login", "false", "yes"),
            ("captcha.mode", "adaptive", "sometimes"),
            ("sms_aliyun.code_param", "code", " "),
            ("wecom.corp_id", "ww1", "ww\n1"),
            ("sms_http.headers", "A: b\nC: d", "A: \u{1b}"),
        ] {
            assert_eq!(of(name).check(good), Ok(()), "{name}");
            assert!(of(name).check(bad).is_err(), "{name}");
        }
        assert_eq!(of("server.listen").check("127.0.0.1:1"), Err(FIXED));
        assert!(of("wecom.secret").check(&"x".repeat(501)).is_err());
    }
}
