//! What becomes of files of users.

use super::*;
use crate::settings::CaptchaMode;
use crate::testing::{Bench, PASSWORD, fields, missing};
use crate::users::tests::{new, scoped};
use menshen_domain::Kind;
use menshen_domain::role::NewRole;
use menshen_domain::scope::DataScope;
use menshen_domain::user::User;

const DRY: ImportOptions = ImportOptions {
    dry_run: true,
    partial: false,
};
const PARTIAL: ImportOptions = ImportOptions {
    dry_run: false,
    partial: true,
};
const WHOLE: ImportOptions = ImportOptions {
    dry_run: false,
    partial: false,
};

async fn import(bench: &Bench, caller: &Caller, file: &str, how: ImportOptions) -> ImportReport {
    let users = &bench.services.users;
    let report = users.import(caller, file.as_bytes().to_vec(), how).await;
    report.expect("a report")
}

async fn refused(bench: &Bench, caller: &Caller, file: &str) -> Error {
    let users = &bench.services.users;
    let report = users
        .import(caller, file.as_bytes().to_vec(), PARTIAL)
        .await;
    report.expect_err("refused")
}

/// The bad lines of a report: number, and the fields that are wrong.
fn wrong(report: &ImportReport) -> Vec<(usize, Vec<&str>)> {
    report
        .lines
        .iter()
        .map(|l| {
            (
                l.line,
                l.errors.iter().map(|e| e.error.field.as_ref()).collect(),
            )
        })
        .collect()
}

async fn named(bench: &Bench, name: &str) -> Option<User> {
    let mut conn = bench.db.read().await.expect("conn");
    users::find_by_name(&mut conn, name).await.expect("query")
}

#[tokio::test]
async fn users_are_made_with_all_that_the_file_says() {
    let bench = Bench::with(|s| s.captcha.mode = CaptchaMode::Never).await;
    let admin = bench.admin().await;
    bench.departments().await;
    bench.role(&admin, "reader", &["system:user:list"]).await;
    bench.role(&admin, "writer", &["system:user:add"]).await;
    let file = "\u{feff}Remark,user_name,PASSWORD,nickname,phone,email,sex,status,dept_path,roles,\
         loginIp\r\n\
         '=note,Lin.Wei,staple of batteries,林薇,'+8613800000000,lin@example.com,1,1,\
         总公司/研发/前端,writer;reader; writer,6.6.6.6\r\n\
         ,han,,,,,,,,,\r\n";
    let report = import(&bench, &admin, file, WHOLE).await;
    assert_eq!(wrong(&report), []);
    assert_eq!((report.total, report.good, report.bad), (2, 2, 0));
    assert_eq!((report.created, report.dry_run), (2, false));
    let lin = named(&bench, "lin.wei").await.expect("made");
    assert_eq!(lin.username, "Lin.Wei");
    assert_eq!(lin.nickname, "林薇");
    assert_eq!(lin.phone.as_deref(), Some("+8613800000000"));
    assert_eq!(lin.email.as_deref(), Some("lin@example.com"));
    assert!(!lin.phone_verified && !lin.email_verified);
    assert_eq!((lin.sex.as_str(), lin.status), ("1", Status::Disabled));
    assert_eq!(lin.dept_id, Some(DeptId(40)));
    assert_eq!(lin.remark.as_deref(), Some("=note"));
    let mut keys: Vec<&str> = lin.roles.iter().map(|r| r.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["reader", "writer"]);
    assert_eq!(lin.login_ip, None, "is nobody's to set");
    assert_eq!(lin.created_by, Some(admin.id()));
    assert!(lin.must_change_password, "whoever wrote the file knows it");

    let han = named(&bench, "han").await.expect("made");
    assert_eq!((han.sex.as_str(), han.status), ("2", Status::Active));
    assert_eq!((han.dept_id, han.remark), (None, None));
    assert!(han.must_change_password);
    let [told] = &report.passwords[..] else {
        panic!("one is told");
    };
    assert_eq!(told.username, "han");
    assert!(!format!("{report:?}").contains(&told.password));
    let client = bench.client();
    bench
        .tries(&client, "han", &told.password)
        .await
        .expect("signs in with it");

    let made = bench.audit("user.create").await;
    assert_eq!(made.len(), 2);
    assert_eq!(made[0].target_id, Some(lin.id.to_string()));
    assert_eq!(made[0].detail()["after"]["deptId"], 40);
    let whole = bench.audit("user.import").await;
    assert_eq!(whole[0].detail(), json!({ "total": 2, "created": 2 }));
    let audit = bench.whole_audit().await;
    assert!(!audit.contains(&told.password) && !audit.contains("staple"));
}

#[tokio::test]
async fn every_problem_of_every_line_is_told() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.departments().await;
    bench.user("taken").await;
    let file = "username,password,phone,email,sex,status,deptName,roles\n\
        good,,,,,,前端,\n\
        a b,short,12-34,a@b,3,2,,\n\
        TAKEN,,,,,,市场,nobody;admin;none\n\
        Good,,,,,,,\n\
        few,\n\
        many,,,,,,,,,\n\
        ,,,,,,,\n\
        weak,password1234,,,,,,\n";
    let report = import(&bench, &admin, file, DRY).await;
    assert_eq!(
        wrong(&report),
        [
            (
                3,
                vec!["status", "username", "phone", "email", "sex", "password"]
            ),
            (4, vec!["username", "deptName", "roles", "roles"]),
            (5, vec!["username"]),
            (6, vec!["line"]),
            (7, vec!["line"]),
            (8, vec!["username"]),
            (9, vec!["password"]),
        ]
    );
    assert_eq!((report.total, report.good, report.bad), (8, 1, 7));
    assert_eq!(report.lines[1].username, "TAKEN");
    let said: Vec<&str> = report.lines[1]
        .errors
        .iter()
        .map(|e| e.error.text.en.as_ref())
        .collect();
    assert!(said[2].contains("nobody") && said[3].contains("none"));
    assert!(report.lines[2].errors[0].error.text.en.contains("line 2"));
}

#[tokio::test]
async fn nothing_is_made_unless_all_are_good_or_some_are_wanted() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let file = "username\nanna\nb c\nclara\n";
    for how in [DRY, WHOLE] {
        let report = import(&bench, &admin, file, how).await;
        assert_eq!((report.good, report.bad, report.created), (2, 1, 0));
        assert_eq!(report.dry_run, how.dry_run);
        assert!(report.passwords.is_empty(), "none was given to anybody");
        assert!(named(&bench, "anna").await.is_none());
    }
    let dry = import(&bench, &admin, "username\nanna\n", DRY).await;
    assert_eq!((dry.good, dry.created), (1, 0));
    assert!(dry.passwords.is_empty());
    assert!(bench.audit("user.import").await.is_empty());
    let report = import(&bench, &admin, file, PARTIAL).await;
    assert_eq!((report.good, report.bad, report.created), (2, 1, 2));
    let told: Vec<&str> = report
        .passwords
        .iter()
        .map(|p| p.username.as_str())
        .collect();
    assert_eq!(told, ["anna", "clara"]);
    assert!(named(&bench, "clara").await.is_some());
    // Once more: those are taken by now.
    let again = import(&bench, &admin, file, PARTIAL).await;
    assert_eq!((again.good, again.bad, again.created), (0, 3, 0));
    let whole = bench.audit("user.import").await;
    assert_eq!(whole.len(), 1);
    let empty = import(&bench, &admin, "username\n", WHOLE).await;
    assert_eq!((empty.total, empty.created), (0, 0));
}

#[tokio::test]
async fn what_is_no_such_file_is_refused() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let error = refused(
        &bench,
        &admin,
        "username,Colour,is_admin,username\na,b,c,d\n",
    )
    .await;
    assert_eq!(fields(&error), ["Colour", "is_admin", "username"]);
    let error = refused(&bench, &admin, "nickname\na\n").await;
    assert_eq!(fields(&error), ["username"]);
    assert_eq!(fields(&refused(&bench, &admin, "").await), ["file"]);
    let long = (0..=MAX_LINES).fold("username\n".to_owned(), |f, n| f + &format!("u{n}\n"));
    assert_eq!(fields(&refused(&bench, &admin, &long).await), ["file"]);
}

#[tokio::test]
async fn req46_nobody_imports_more_than_they_hold() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let file = "username,roles\nanna,reader\n";
    bench.role(&admin, "reader", &["monitor:log:login"]).await;
    for (name, held, lacking) in [
        ("adds", catalogue::USER_ADD, catalogue::USER_IMPORT),
        ("imports", catalogue::USER_IMPORT, catalogue::USER_ADD),
    ] {
        let caller = bench.with_permissions(&admin, name, &[held]).await;
        let error = refused(&bench, &caller, file).await;
        assert_eq!(missing(&error), [lacking]);
    }
    let both = [catalogue::USER_IMPORT, catalogue::USER_ADD];
    let plain = bench.with_permissions(&admin, "plain", &both).await;
    let report = import(&bench, &plain, file, PARTIAL).await;
    assert_eq!(wrong(&report), [(2, vec!["roles"])]);
    assert!(
        report.lines[0].errors[0]
            .error
            .text
            .en
            .contains(catalogue::USER_BIND)
    );
    let report = import(&bench, &plain, "username,roles\nberta,\n", WHOLE).await;
    assert_eq!(report.created, 1, "without roles it takes no more");

    let binds = [both[0], both[1], catalogue::USER_BIND];
    let binder = bench.with_permissions(&admin, "binder", &binds).await;
    let report = import(&bench, &binder, file, PARTIAL).await;
    assert_eq!(wrong(&report), [(2, vec!["roles"])]);
    assert!(
        report.lines[0].errors[0]
            .error
            .text
            .en
            .contains("monitor:log:login")
    );
    let report = import(&bench, &binder, "username,roles\nclara,only-plain\n", WHOLE).await;
    assert_eq!(report.created, 1);
    assert!(named(&bench, "anna").await.is_none());
}

#[tokio::test]
async fn req46_nobody_imports_beyond_their_sight() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.departments().await;
    let wide = NewRole {
        name: "wide".into(),
        key: "wide".into(),
        data_scope: DataScope::All,
        ..NewRole::default()
    };
    bench
        .services
        .roles
        .create(&admin, wide)
        .await
        .expect("made");
    let codes = [
        catalogue::USER_IMPORT,
        catalogue::USER_ADD,
        catalogue::USER_BIND,
    ];
    let (scope, dept) = (DataScope::OwnAndBelow, Some(4));
    let caller = scoped(&bench, &admin, "importer", &codes, scope, dept).await;
    let file = "username,deptId,deptPath,roles\n\
        own,4,,\n\
        below,,总公司/研发/前端,\n\
        above,1,,\n\
        beside,,总公司/销售,\n\
        unknown,99,,\n\
        odd,x,,\n\
        wide,4,,wide\n";
    let report = import(&bench, &caller, file, PARTIAL).await;
    assert_eq!(
        wrong(&report),
        [
            (4, vec!["deptId"]),
            (5, vec!["deptPath"]),
            (6, vec!["deptId"]),
            (7, vec!["deptId"]),
            (8, vec!["roles"]),
        ]
    );
    assert_eq!(report.created, 2);
    let below = named(&bench, "below").await.expect("made");
    assert_eq!(below.dept_id, Some(DeptId(40)));
}

#[tokio::test]
async fn what_happens_meanwhile_counts() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let core = &bench.services.core;
    let mut lines = lines(core, b"username\nanna\nberta\n").expect("read");
    let mut conn = bench.db.read().await.expect("conn");
    let all = lines.iter_mut().collect();
    look(&mut conn, &admin, all).await.expect("looked");
    assert!(goes_on(&lines, WHOLE));
    drop(conn);
    bench.user("anna").await;
    let mut conn = bench.db.read().await.expect("conn");
    let all = lines.iter_mut().filter(|l| l.is_good()).collect();
    look(&mut conn, &admin, all).await.expect("looked");
    assert!(!goes_on(&lines, WHOLE) && goes_on(&lines, PARTIAL));
    let report = report(lines, PARTIAL, 1);
    assert_eq!(wrong(&report), [(2, vec!["username"])]);
}

#[tokio::test]
async fn req33_whoever_is_signed_out_meanwhile_makes_nobody() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let both = [catalogue::USER_IMPORT, catalogue::USER_ADD];
    let caller = bench.with_permissions(&admin, "importer", &both).await;
    let users = &bench.services.users;
    users
        .bind(&admin, caller.id(), vec![])
        .await
        .expect("bound");
    let error = refused(&bench, &caller, "username\nanna\n").await;
    assert_eq!(missing(&error), [catalogue::USER_IMPORT]);
    users.delete(&admin, caller.id()).await.expect("deleted");
    let error = refused(&bench, &caller, "username\nanna\n").await;
    assert_eq!(error.kind, Kind::Token);
    assert!(named(&bench, "anna").await.is_none());
}

#[tokio::test]
async fn past_the_hashers_queue_nothing_is_made() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let full = bench.services.core.hasher.fill();
    let error = refused(&bench, &admin, "username\nanna\n").await;
    assert!(matches!(error.kind, Kind::Busy { .. }));
    drop(full);
    assert!(named(&bench, "anna").await.is_none());
}

#[tokio::test]
async fn as_many_as_a_file_may_hold() {
    let bench = Bench::with(|s| s.password.workers = 1).await;
    let admin = bench.admin().await;
    let file = (0..MAX_LINES).fold("username\n".to_owned(), |f, n| f + &format!("user{n}\n"));
    let users = bench.services.users.clone();
    let importer = admin.clone();
    let running =
        tokio::spawn(async move { users.import(&importer, file.into_bytes(), WHOLE).await });
    // Sign-ins take their turns meanwhile.
    let other = NewUser {
        password: PASSWORD.into(),
        ..new("other")
    };
    let made = bench.services.users.create(&admin, other).await;
    made.expect("made");
    let report = running.await.expect("no panic").expect("a report");
    assert_eq!(report.created, MAX_LINES);
    assert_eq!(report.passwords.len(), MAX_LINES);
}
