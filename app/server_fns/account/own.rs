//! One's own profile, picture and sessions.

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::server_fns::users::{altered, own_saved};
use crate::server_fns::{Done, Given};
use leptos::prelude::*;
use menshen_domain::Page;
use menshen_domain::account::Account;
use menshen_domain::session::OpenSession;

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/account";
#[cfg(feature = "ssr")]
const SESSIONS: &str = "/admin/account/sessions";

/// Everything about oneself that the account page shows.
#[server(prefix = "/admin/fn", endpoint = "my_account")]
pub(crate) async fn my_account() -> Result<Account, AppError> {
    use crate::server::guard;
    let caller = guard::settled()?;
    let services = guard::services()?;
    let (user, _) = services.users.own(&caller).await?;
    Ok(Account {
        user,
        picture_max: services.settings().upload.max_bytes,
    })
}

/// Changes one's own profile; what is not sent stays as it is.
#[server(prefix = "/admin/fn", endpoint = "update_profile")]
pub(crate) async fn update_profile(
    #[server(default)] nickname: Given,
    #[server(default)] phone: Given,
    #[server(default)] email: Given,
    #[server(default)] sex: Given,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::user::UserChange;
    let caller = guard::settled()?;
    let change = UserChange {
        nickname: nickname.0,
        phone: phone.0,
        email: email.0,
        sex: sex.filled().map(str::to_owned),
        ..UserChange::default()
    };
    let users = guard::services()?.users;
    let changed = users.change(&caller, caller.id(), change).await?;
    let done = Done {
        fields: altered(&changed.before, &changed.after),
        ..Done::name(changed.after.display_name())
    };
    answer::done(PAGE, |t| own_saved(t, &answer::say, &done));
    Ok(done)
}

/// Makes the picture that a form holds one's own. Its body is `multipart/form-data` with the
/// picture in the field `file`.
#[server(prefix = "/admin/fn", endpoint = "set_avatar")]
pub(crate) async fn set_avatar() -> Result<Done, AppError> {
    use crate::server::{answer, guard, upload};
    let caller = guard::settled()?;
    let file = upload::file().await?;
    let services = guard::services()?;
    let taken = services.uploads.add_picture(&caller, file).await?;
    let done = picture(&caller, taken.url).await?;
    answer::done(PAGE, |t| t.avatar_saved.to_owned());
    Ok(done)
}

/// Goes back to the first letter of one's name.
#[server(prefix = "/admin/fn", endpoint = "remove_avatar")]
pub(crate) async fn remove_avatar() -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let done = picture(&caller, String::new()).await?;
    answer::done(PAGE, |t| t.avatar_removed.to_owned());
    Ok(done)
}

#[cfg(feature = "ssr")]
async fn picture(caller: &menshen_services::Caller, url: String) -> Result<Done, AppError> {
    use menshen_domain::user::UserChange;
    let change = UserChange {
        avatar: Some(url),
        ..UserChange::default()
    };
    let users = crate::server::guard::services()?.users;
    let user = users.update(caller, caller.id(), change).await?;
    Ok(Done::name(user.display_name()))
}

/// Where one is signed in oneself, the last seen first.
#[server(prefix = "/admin/fn", endpoint = "my_sessions")]
pub(crate) async fn my_sessions() -> Result<Page<OpenSession>, AppError> {
    use crate::server::guard;
    use menshen_domain::PageRequest;
    use menshen_domain::page::MAX_PAGE_SIZE;
    let caller = guard::settled()?;
    let page = PageRequest::bounded(None, Some(MAX_PAGE_SIZE));
    let sessions = guard::services()?.sessions;
    Ok(sessions.list_own(&caller, page).await?)
}

/// Ends one of one's own sessions; the one that asks, too.
#[server(prefix = "/admin/fn", endpoint = "end_my_session")]
pub(crate) async fn end_my_session(#[server(default)] id: String) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let id = menshen_domain::SessionId(id);
    guard::services()?.sessions.end_own(&caller, &id).await?;
    if id == *caller.session_id() {
        return crate::server_fns::sessions::leave().await;
    }
    answer::done(SESSIONS, |t| t.own_session_ended.to_owned());
    Ok(Done::default())
}

/// Ends all of one's own sessions but the one that asks; tells how many.
#[server(prefix = "/admin/fn", endpoint = "end_my_other_sessions")]
pub(crate) async fn end_my_other_sessions() -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let ended = guard::services()?.sessions.end_others(&caller).await?;
    let count = ended.to_string();
    answer::done(SESSIONS, |t| t.other_sessions_ended(&count));
    Ok(Done::name(count))
}
