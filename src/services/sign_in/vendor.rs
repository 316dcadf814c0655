//! Signing in by way of a vendor: WeChat and WeCom.
//!
//! The vendor is asked before anything is begun, so that its failure leaves nothing half-made. An
//! identity that is seen for the first time makes a new account, or is bound to one only on
//! proof: its owner is signed in already, or the vendor vouches for a phone number that she has
//! proved here. What the client itself tells of a number proves nothing.

use super::newcomer::Newcomer;
use super::phone::is_active;
use super::{Counters, SignIns, refused};
use crate::access::{Access, Caller, Client};
use crate::audit::Record;
use crate::outside::{IdentityProvider, OutsideIdentity};
use crate::sessions::Issued;
use crate::settings::CaptchaMode;
use menshen_domain::{Error, Kind, Result, Text, UserId, validate};
use menshen_storage::identities::{self, Identity};
use menshen_storage::users::LoginRow;
use menshen_storage::{Tx, users};
use serde_json::json;
use std::sync::Arc;

/// A vendor's way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// A WeChat mini-program.
    WechatMini,
    /// Scanning a code with WeChat.
    WechatScan,
    /// WeCom.
    Wecom,
}

impl Vendor {
    /// The name under which its identities are kept.
    pub(super) fn provider(self) -> &'static str {
        match self {
            Self::WechatMini => "wechat_mini",
            Self::WechatScan => "wechat_scan",
            Self::Wecom => "wecom",
        }
    }

    fn not_set_up(self) -> Error {
        let (zh, en) = match self {
            Self::WechatMini => (
                "微信小程序登录（min、mini）未配置",
                "signing in with a WeChat mini-program (min, mini) is not set up",
            ),
            Self::WechatScan => (
                "微信扫码登录（wc）未配置",
                "signing in by scanning with WeChat (wc) is not set up",
            ),
            Self::Wecom => (
                "企业微信登录（qw、work）未配置",
                "signing in with WeCom (qw, work) is not set up",
            ),
        };
        Error::field("loginType", Text::fixed(zh, en))
    }
}

/// What a client brings from a vendor.
#[derive(Clone, Default)]
pub struct VendorCode {
    /// The vendor's one-use code.
    pub code: String,
    /// The vendor's second code, for a phone number.
    pub phone_code: Option<String>,
    /// A phone number that the client tells. It proves nothing.
    pub phone: Option<String>,
    /// The captcha's key, when one was solved.
    pub captcha_key: Option<String>,
    /// The captcha's answer.
    pub captcha_code: Option<String>,
    /// The second factor's code, where it comes along at once.
    pub otp: Option<String>,
}

impl std::fmt::Debug for VendorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VendorCode").finish_non_exhaustive()
    }
}

impl SignIns {
    /// Signs a client of the REST API in by way of `vendor`. `caller` is who is signed in
    /// already, if anybody: the identity becomes hers when it is nobody's yet.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when the vendor is not set up; [`Kind::Credentials`] when it refuses
    /// the code, and for a disabled account; [`Kind::Upstream`] when it fails;
    /// [`Kind::Forbidden`] for a newcomer while registration is closed; [`Kind::Token`] when the
    /// session of `caller` ended before the identity could become hers; as [`SignIns::by_api`]
    /// otherwise.
    pub async fn by_vendor(
        &self,
        client: &Client,
        caller: Option<&Caller>,
        vendor: Vendor,
        shown: VendorCode,
    ) -> Result<Issued> {
        let mode = self.core.settings().captcha.mode;
        let (tx, user) = self
            .prove_identity(client, caller, vendor, &shown, mode)
            .await?;
        self.enter_api(tx, &user, client, shown.otp.as_deref())
            .await
    }

    /// The account that the vendor's code opens, bound or made where there is none; and the
    /// transaction in which its session is to be opened.
    pub(super) async fn prove_identity(
        &self,
        client: &Client,
        caller: Option<&Caller>,
        vendor: Vendor,
        shown: &VendorCode,
        mode: CaptchaMode,
    ) -> Result<(Tx, LoginRow)> {
        let provider = self.provider(vendor).ok_or_else(|| vendor.not_set_up())?;
        let solved = self
            .captcha
            .check_given(shown.captcha_key.as_deref(), shown.captcha_code.as_deref())
            .await?;
        // There is no name to count by: the code is another one each time, and a secret.
        let name = vendor.provider();
        let from = client.network();
        let counters = Counters {
            name: format!("vendor:name:{name}:{from}"),
            pair: format!("vendor:pair:{name}:{from}"),
            run: format!("vendor:run:{name}:{from}"),
            ..Counters::new(name, client)
        };
        self.admit(&counters, mode, solved).await?;
        let told = match provider
            .identify(&shown.code, shown.phone_code.as_deref())
            .await
        {
            Ok(told) => told,
            Err(error) => return Err(self.vendor_failed(client, vendor, &counters, error).await?),
        };
        self.sessions.warm().await?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let mut user = match self
            .whose(&mut tx, client, caller, vendor, told, shown)
            .await
        {
            Ok(user) => user,
            Err(error) => {
                // What the vendor gave is spent there already.
                drop(tx);
                return Err(self.not_made(client, name, name, None, error).await?);
            }
        };
        user.method = vendor.provider();
        if !is_active(&user) {
            return self.turn_away(tx, &user, client, refused()).await;
        }
        self.forgive_in(&mut tx, &counters, &user).await?;
        Ok((tx, user))
    }

    pub(super) fn provider(&self, vendor: Vendor) -> Option<Arc<dyn IdentityProvider>> {
        let outside = self.core.outside();
        match vendor {
            Vendor::WechatMini => outside.wechat_mini.clone(),
            Vendor::WechatScan => outside.wechat_scan.clone(),
            Vendor::Wecom => outside.wecom.clone(),
        }
    }

    /// A code that the vendor refuses is a failure of the client's; the vendor's own is not held
    /// against her.
    async fn vendor_failed(
        &self,
        client: &Client,
        vendor: Vendor,
        counters: &Counters,
        error: Error,
    ) -> Result<Error> {
        let name = vendor.provider();
        if error.kind == Kind::Credentials {
            self.note_failure_by(name, client, name, None, "code")
                .await?;
            return Ok(error);
        }
        let mut tx = self.core.db.begin().await?;
        counters.take_back(&mut tx).await?;
        Record::login("sign_in", false, name, client)
            .reason("vendor")
            .method(name)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(error)
    }

    /// The account that an identity opens; bound or made, when it is seen for the first time.
    async fn whose(
        &self,
        tx: &mut Tx,
        client: &Client,
        caller: Option<&Caller>,
        vendor: Vendor,
        told: OutsideIdentity,
        shown: &VendorCode,
    ) -> Result<LoginRow> {
        if told.subject.is_empty() {
            return Err(Error::internal("a vendor told no subject"));
        }
        let identity = Identity {
            provider: vendor.provider().to_owned(),
            app_id: told.app_id,
            subject: told.subject,
            union_id: told.union_id,
            display_name: clipped(&told.name),
            avatar: clipped(&told.avatar),
        };
        if let Some(user) = self.known(tx, &identity).await? {
            return Ok(user);
        }
        let vouched = told.phone.and_then(|p| validate::phone_key(&p).ok());
        let user = match self.proved(tx, caller, vouched.as_deref()).await? {
            Some(user) => user,
            None => {
                let claimed = shown.phone.as_deref().unwrap_or_default();
                let newcomer = Newcomer {
                    nickname: told.name,
                    avatar: told.avatar,
                    phone_verified: vouched.is_some(),
                    // What the client tells is noted, or left out when it is no number.
                    phone: vouched.or_else(|| validate::phone(claimed).ok().flatten()),
                };
                self.make(tx, client, newcomer).await?
            }
        };
        self.bind(tx, client, caller, &identity, &user).await?;
        Ok(user)
    }

    /// The account that an identity is bound to. One that was deleted has let go of it.
    async fn known(&self, tx: &mut Tx, identity: &Identity) -> Result<Option<LoginRow>> {
        let Some(bound) = identities::find(tx, identity).await? else {
            return Ok(None);
        };
        let user = users::login_row(tx, UserId(bound.user_id)).await?;
        if user.is_some() {
            identities::note_use(tx, bound.id, identity, self.core.now()).await?;
        } else {
            identities::unbind(tx, bound.id).await?;
        }
        Ok(user)
    }

    /// The account that is proved to be the same person's: the one that is signed in, or the one
    /// that holds the number that the vendor vouches for.
    async fn proved(
        &self,
        tx: &mut Tx,
        caller: Option<&Caller>,
        vouched: Option<&str>,
    ) -> Result<Option<LoginRow>> {
        if let Some(caller) = caller {
            // The vendor took a while: her session may have ended by now, and proves nothing then.
            let caller = Access::again_in(tx, caller, self.core.now()).await?;
            caller.require_usable()?;
            return Ok(users::login_row(tx, caller.id()).await?);
        }
        match vouched {
            Some(phone) => {
                let phones = validate::phone_spellings(phone);
                Ok(users::holder_of_phone(tx, &phones).await?)
            }
            None => Ok(None),
        }
    }

    async fn bind(
        &self,
        tx: &mut Tx,
        client: &Client,
        caller: Option<&Caller>,
        identity: &Identity,
        user: &LoginRow,
    ) -> Result<()> {
        let id = UserId(user.id);
        identities::bind(tx, identity, id, self.core.now()).await?;
        let record = match caller {
            Some(caller) => Record::operation("user.bind_identity", caller),
            None => Record::anonymous("user.bind_identity", client).actor(id),
        };
        record
            .target("user", id, &user.username)
            .detail(&json!({ "provider": identity.provider, "appId": identity.app_id }))
            .write(&self.core, tx)
            .await
    }
}

/// As much of a vendor's text as is kept.
fn clipped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests;
