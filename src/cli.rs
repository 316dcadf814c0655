//! The command line.

use crate::compose;
use crate::serve::{self, Patience};
use crate::settings::{self, LogFormat, Override, Settings};
use clap::{Args, Parser, Subcommand};
use menshen_domain::PageRequest;
use menshen_domain::ids::ADMIN_ROLE;
use menshen_domain::user::UserFilter;
use menshen_http::metrics::Recorder;
use menshen_services::Services;
use menshen_services::operator::NewAccount;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Sign-in, users, roles and permissions: one binary, an admin UI and a REST API.
#[derive(Parser)]
#[command(name = "menshen", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone, Default)]
struct Common {
    /// The settings' file; menshen.toml in this folder when not given
    #[arg(long, env = "MENSHEN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite://path or postgres://…
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// A setting, as section.key=value (introspection.clients.NAME=SECRET for an entry of a table);
    /// may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    set: Vec<Override>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server
    Serve {
        #[command(flatten)]
        common: Common,
        /// The address and port to listen on
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// For development: allow dev.captcha_answer and the log SMS provider; loopback only
        #[arg(long)]
        dev: bool,
    },
    /// Say what is wrong with the settings and the database, and where
    Check {
        #[command(flatten)]
        common: Common,
        /// Check as for serve --dev
        #[arg(long)]
        dev: bool,
    },
    /// Bring the database's schema up to date
    Migrate {
        #[command(flatten)]
        common: Common,
    },
    /// Create, list and mend users
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print a generated page of the documentation
    #[command(hide = true)]
    Docs {
        /// Which page: settings
        page: String,
    },
}

/// The user that is meant: `lin.wei`, or `--username lin.wei`.
#[derive(Debug, Args)]
struct Who {
    /// The login name
    #[arg(value_name = "USERNAME", required_unless_present = "username_flag")]
    username: Option<String>,
    /// The login name, given by flag
    #[arg(
        id = "username_flag",
        long = "username",
        value_name = "USERNAME",
        conflicts_with = "username"
    )]
    flag: Option<String>,
}

impl Who {
    fn name(self) -> String {
        self.username.or(self.flag).unwrap_or_default()
    }
}

#[derive(Subcommand)]
enum UserCommand {
    /// Create a user; without --password a one-time password is printed
    Create {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        who: Who,
        /// The password; better given in MENSHEN_USER_PASSWORD than on the command line
        #[arg(long, env = "MENSHEN_USER_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        /// A name for people
        #[arg(long)]
        nickname: Option<String>,
        /// A role's key; may be repeated
        #[arg(long = "role", value_name = "KEY")]
        roles: Vec<String>,
    },
    /// List users
    List {
        #[command(flatten)]
        common: Common,
        /// Part of the name, nickname, phone or e-mail
        search: Option<String>,
    },
    /// Give a user a one-time password and end the sessions
    ResetPassword {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        who: Who,
    },
    /// Take a user's second factor away and end the sessions
    ResetOtp {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        who: Who,
    },
    /// Disable a user and end the sessions
    Disable {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        who: Who,
    },
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &str) -> ExitCode {
    let mut err = std::io::stderr().lock();
    for line in problem.lines() {
        // Nothing is left to do when standard error is gone too.
        drop(writeln!(err, "menshen: {line}"));
    }
    ExitCode::FAILURE
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Serve {
            common,
            listen,
            dev,
        } => serve(&common, listen, dev).await,
        Command::Check { common, dev } => check(&common, dev).await,
        Command::Migrate { common } => {
            let settings = load(&common)?;
            compose::services(&settings).await?;
            say("The schema is up to date.");
            Ok(())
        }
        Command::User { command } => user(command).await,
        Command::Openapi => {
            let document = menshen_http::openapi::document();
            say(&serde_json::to_string_pretty(&document).map_err(|e| e.to_string())?);
            Ok(())
        }
        Command::Docs { page } => match page.as_str() {
            "settings" => {
                say(settings::markdown().trim_end());
                Ok(())
            }
            other => Err(format!("there is no page “{other}”; there is: settings")),
        },
    }
}

fn load(common: &Common) -> Result<Settings, String> {
    let mut overrides = common.set.clone();
    if let Some(url) = &common.database {
        overrides.push(Override::new("database", "url", url, "--database"));
    }
    settings::load(common.config.as_deref(), &overrides).map_err(|problems| problems.join("\n"))
}

async fn check(common: &Common, dev: bool) -> Result<(), String> {
    let settings = load(common)?;
    let faults: Vec<String> = [
        compose::check(&settings, dev),
        compose::probe(&settings).await,
    ]
    .into_iter()
    .filter_map(Result::err)
    .collect();
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let (_, services) = compose::services(&settings).await?;
    services.ready().await.map_err(|e| e.to_string())?;
    say("Settings and database are good.");
    let broken = services.logs.broken().await.map_err(|e| e.to_string())?;
    let mut problems = services.configuration.problems().await;
    let seals = broken
        .iter()
        .map(|b| {
            format!(
                "the audit log is not as it was sealed: of entries {} to {} there were {}, and there are {}",
                b.first_entry, b.last_entry, b.sealed, b.found
            )
        });
    problems.extend(seals);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

fn start_log(settings: &settings::Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|e| format!("log.filter: {e}"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

async fn serve(common: &Common, listen: Option<SocketAddr>, dev: bool) -> Result<(), String> {
    let mut settings = load(common)?;
    if let Some(listen) = listen {
        settings.server.listen = listen;
        let origin = "--listen".to_owned();
        settings.origins.insert("server.listen".to_owned(), origin);
    }
    compose::check(&settings, dev)?;
    settings.dev.on = dev;
    start_log(&settings.log)?;
    tracing::info!(dev, "starting");
    let listener = TcpListener::bind(settings.server.listen)
        .await
        .map_err(|e| format!("cannot listen on {}: {e}", settings.server.listen))?;
    if dev {
        let address = listener.local_addr().unwrap_or(settings.server.listen);
        compose::dev_defaults(&mut settings, address.port());
    }
    let (db, services) = compose::services(&settings).await?;
    let first = first_administrator(&services).await?;
    let router = compose::router(&settings, &services)?;
    tokio::spawn(db.clone().listen());
    tokio::spawn(services.clone().housekeeping());
    tokio::spawn(Recorder::of_process(&services).upkeep());
    announce(&settings, &listener, first);
    let stop = async {
        stop_signal().await;
        services.live.close();
    };
    serve::run(listener, router, stop, Patience::default()).await;
    db.close().await;
    Ok(())
}

async fn first_administrator(
    services: &Services,
) -> Result<Option<(String, Option<String>)>, String> {
    let given = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    let (username, password) = (
        given("MENSHEN_ADMIN_USERNAME"),
        given("MENSHEN_ADMIN_PASSWORD"),
    );
    services
        .users
        .first_administrator(username.as_deref(), password.as_deref())
        .await
        .map_err(|e| format!("MENSHEN_ADMIN_USERNAME, MENSHEN_ADMIN_PASSWORD: {e}"))
}

/// The one line that says where and how to log in.
fn announce(settings: &Settings, listener: &TcpListener, first: Option<(String, Option<String>)>) {
    let address = listener.local_addr().unwrap_or(settings.server.listen);
    let url = match &settings.server.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let how = match first {
        Some((name, Some(password))) => {
            format!("log in as {name} with the one-time password {password}")
        }
        Some((name, None)) => {
            format!("log in as {name} with the password in MENSHEN_ADMIN_PASSWORD")
        }
        None => "log in as an administrator".to_owned(),
    };
    say(&format!("Menshen is at {url}/admin: {how}"));
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            drop(interrupt.await);
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}

async fn user(command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Create {
            common,
            who,
            password,
            nickname,
            roles,
        } => {
            let (_, services) = compose::services(&load(&common)?).await?;
            let account = NewAccount {
                username: who.name(),
                password,
                nickname,
                role_keys: roles,
            };
            let (name, one_time) = services
                .operator
                .create_user(account)
                .await
                .map_err(|e| e.to_string())?;
            match one_time {
                Some(password) => say(&format!(
                    "Created {name} with the one-time password {password}"
                )),
                None => say(&format!("Created {name}")),
            }
            Ok(())
        }
        UserCommand::List { common, search } => {
            let (_, services) = compose::services(&load(&common)?).await?;
            list_users(&services, search).await
        }
        UserCommand::ResetPassword { common, who } => {
            let username = who.name();
            let (_, services) = compose::services(&load(&common)?).await?;
            let password = services
                .operator
                .reset_password(&username)
                .await
                .map_err(|e| e.to_string())?;
            say(&format!("{username} has the one-time password {password}"));
            Ok(())
        }
        UserCommand::ResetOtp { common, who } => {
            let username = who.name();
            let (_, services) = compose::services(&load(&common)?).await?;
            services
                .operator
                .reset_otp(&username)
                .await
                .map_err(|e| e.to_string())?;
            say(&format!("{username} signs in without a second factor"));
            Ok(())
        }
        UserCommand::Disable { common, who } => {
            let username = who.name();
            let (_, services) = compose::services(&load(&common)?).await?;
            services
                .operator
                .disable_user(&username)
                .await
                .map_err(|e| e.to_string())?;
            say(&format!("{username} is disabled"));
            Ok(())
        }
    }
}

async fn list_users(services: &Services, search: Option<String>) -> Result<(), String> {
    let filter = UserFilter {
        text: search,
        ..UserFilter::default()
    };
    let mut page = PageRequest {
        page_num: 1,
        page_size: 200,
    };
    loop {
        let found = services
            .operator
            .list_users(&filter, page)
            .await
            .map_err(|e| e.to_string())?;
        for user in &found.list {
            let roles: Vec<&str> = user.roles.iter().map(|r| r.key.as_str()).collect();
            let admin = user.roles.iter().any(|r| r.id == ADMIN_ROLE);
            say(&format!(
                "{}\t{}\t{}\t{}{}",
                user.id,
                user.username,
                user.status.code(),
                roles.join(","),
                if admin { "\tadministrator" } else { "" }
            ));
        }
        if page.page_num * page.page_size >= found.total {
            return Ok(());
        }
        page.page_num += 1;
    }
}
