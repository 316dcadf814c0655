//! Settings and vendors made anew when settings are changed while the program runs.

use crate::compose;
use crate::settings::{Settings, SmsProvider};
use menshen_domain::setting;
use menshen_domain::{Clock, Random};
use menshen_services::outside::{Configured, Fitted, Outfit};
use menshen_services::settings::Changes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The configuration, and what others can be put over it.
pub(crate) struct Wardrobe {
    base: Settings,
    configured: BTreeMap<String, Configured>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl std::fmt::Debug for Wardrobe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wardrobe")
    }
}

impl Wardrobe {
    pub(crate) fn new(settings: &Settings, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            base: settings.clone(),
            configured: configured(settings),
            clock,
            random,
        }
    }

    /// The configuration with `changes` over it. Secrets of the configuration, which are not
    /// written out, are put back where none was set.
    fn laid(&self, changes: &Changes) -> Result<Settings, String> {
        let base = &self.base;
        let rules = compose::rules(base)?.changed(changes)?;
        let mut all = Settings {
            password: rules.password,
            captcha: rules.captcha,
            session: rules.session,
            token: rules.token,
            registration: rules.registration,
            limits: rules.limits,
            facade: rules.facade,
            sms: changes.over("sms", &base.sms)?,
            sms_http: changes.over("sms_http", &base.sms_http)?,
            sms_aliyun: changes.over("sms_aliyun", &base.sms_aliyun)?,
            sms_tencent: changes.over("sms_tencent", &base.sms_tencent)?,
            wechat_mini: changes.over("wechat_mini", &base.wechat_mini)?,
            wechat_scan: changes.over("wechat_scan", &base.wechat_scan)?,
            wecom: changes.over("wecom", &base.wecom)?,
            ..base.clone()
        };
        let back = |name: &str| changes.get(name).is_none();
        if back("sms_http.url") {
            all.sms_http.url.clone_from(&base.sms_http.url);
        }
        if back("sms_http.headers") {
            all.sms_http.headers.clone_from(&base.sms_http.headers);
        }
        if back("sms_http.body") {
            all.sms_http.body.clone_from(&base.sms_http.body);
        }
        if back("sms_aliyun.access_key_secret") {
            let secret = &base.sms_aliyun.access_key_secret;
            all.sms_aliyun.access_key_secret.clone_from(secret);
        }
        if back("sms_tencent.secret_key") {
            let secret = &base.sms_tencent.secret_key;
            all.sms_tencent.secret_key.clone_from(secret);
        }
        if back("wechat_mini.secret") {
            all.wechat_mini.secret.clone_from(&base.wechat_mini.secret);
        }
        if back("wechat_scan.secret") {
            all.wechat_scan.secret.clone_from(&base.wechat_scan.secret);
        }
        if back("wecom.secret") {
            all.wecom.secret.clone_from(&base.wecom.secret);
        }
        Ok(all)
    }
}

impl Outfit for Wardrobe {
    fn configured(&self) -> &BTreeMap<String, Configured> {
        &self.configured
    }

    fn fit(&self, changes: &Changes) -> Result<Fitted, String> {
        let all = self.laid(changes)?;
        let log = SmsProvider::Log;
        if all.sms.provider == log && self.base.sms.provider != log {
            return Err("sms.provider: “log” is for the configuration alone".to_owned());
        }
        compose::check_rules(&all)?;
        Ok(Fitted {
            outside: compose::outside(&all, self.clock.clone(), self.random.clone())?,
            settings: compose::rules(&all)?,
        })
    }
}

/// What the configuration says of each setting. Of a secret, whether there is one.
fn configured(settings: &Settings) -> BTreeMap<String, Configured> {
    let written = serde_json::to_value(settings).unwrap_or_default();
    setting::entries()
        .map(|entry| {
            let (section, key) = entry.place();
            let value = &written[section][key];
            let origin = settings.origins.get(entry.name).cloned();
            let empty = match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(items) => items.is_empty(),
                _ => false,
            };
            let told = Configured {
                is_set: origin.is_some() || !empty,
                value: if entry.shape.is_secret() {
                    Value::Null
                } else {
                    value.clone()
                },
                origin,
            };
            (entry.name.to_owned(), told)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_services::clock::{SystemClock, SystemRandom};

    fn wardrobe(change: impl FnOnce(&mut Settings)) -> Wardrobe {
        let mut settings = Settings::default();
        change(&mut settings);
        let random = Arc::new(SystemRandom::new());
        Wardrobe::new(&settings, Arc::new(SystemClock), random)
    }

    #[test]
    fn req29_no_secret_of_the_configuration_is_told() {
        let wardrobe = wardrobe(|s| {
            s.wecom.secret = Some("hush".into());
            s.database.url = "postgres://u:hush@h/d".into();
            s.metrics.token = Some("hush".into());
            s.introspection.clients.insert("a".into(), "hush".into());
            s.origins
                .insert("wecom.secret".into(), "menshen.toml".into());
        });
        let told = format!("{:?} {wardrobe:?}", wardrobe.configured());
        assert!(!told.contains("hush"), "{told}");
        assert!(wardrobe.configured()["wecom.secret"].is_set);
        assert!(wardrobe.configured()["database.url"].is_set);
        assert!(!wardrobe.configured()["wechat_mini.secret"].is_set);
    }

    #[test]
    fn vendors_are_made_anew_and_the_configurations_secrets_stay() {
        let wardrobe = wardrobe(|s| s.wecom.secret = Some("hush".into()));
        let half = wardrobe.fit(&Changes::default()).expect_err("half set up");
        assert!(half.contains("wecom.corp_id"), "{half}");
        let changes: Changes = [("wecom.corp_id".to_owned(), Value::from("ww1"))]
            .into_iter()
            .collect();
        let fitted = wardrobe.fit(&changes).expect("whole");
        assert!(fitted.outside.wecom.is_some() && fitted.outside.sms.is_none());
        let log: Changes = [("sms.provider".to_owned(), Value::from("log"))]
            .into_iter()
            .collect();
        assert!(wardrobe.fit(&log).is_err());
    }
}
