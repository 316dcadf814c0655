//! Departments and the catalogue's additions.

use crate::site::{Site, run};
use menshen_domain::DeptId;
use menshen_storage::{Db, depts, permissions};

/// Makes 总公司 with 研发 (with 前端 in it) and 销售 below it, and one more company; returns the
/// first four ids in that order.
pub(crate) async fn add_depts(db: &Db) -> Vec<DeptId> {
    let mut tx = db.begin().await.expect("begin");
    run(
        &mut tx,
        "INSERT INTO dept (id, parent_id, path, name, sort, created_at) VALUES
         (1, NULL, '0,1', '总公司', 0, 1), (4, 1, '0,1,4', '研发', 1, 1),
         (40, 4, '0,1,4,40', '前端', 1, 1), (41, 1, '0,1,41', '销售', 2, 1),
         (10, NULL, '0,10', '分公司', 1, 1)",
    )
    .await;
    tx.commit().await.expect("commit");
    vec![DeptId(1), DeptId(4), DeptId(40), DeptId(41)]
}

pub(crate) async fn departments_come_in_order_of_the_tree(site: &Site) {
    add_depts(&site.db).await;
    let mut conn = site.db.read().await.expect("conn");
    let all = depts::all(&mut conn).await.expect("query");
    let shown: Vec<_> = all
        .iter()
        .map(|d| (d.id, d.name.as_str(), d.path.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (1, "总公司", "0,1"),
            (4, "研发", "0,1,4"),
            (40, "前端", "0,1,4,40"),
            (41, "销售", "0,1,41"),
            (10, "分公司", "0,10"),
        ]
    );
    let one = depts::find(&mut conn, 41).await.expect("query");
    assert_eq!(one.expect("there").name, "销售");
    assert!(depts::find(&mut conn, 99).await.expect("query").is_none());
}

pub(crate) async fn what_is_below_goes_by_whole_ids(site: &Site) {
    add_depts(&site.db).await;
    let mut conn = site.db.read().await.expect("conn");
    for (id, below) in [
        (1, vec![1, 4, 40, 41]),
        (4, vec![4, 40]),
        (40, vec![40]),
        (10, vec![10]),
        (99, vec![]),
    ] {
        let found = depts::with_below(&mut conn, id).await.expect("query");
        assert_eq!(found, below, "below {id}");
    }
}

pub(crate) async fn added_permissions_are_sorted(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    assert!(permissions::all(&mut tx).await.expect("query").is_empty());
    run(
        &mut tx,
        "INSERT INTO permission (code, name_zh, name_en, description, created_at) VALUES
         ('shop:order:list', '订单', 'Orders', 'all of them', 1),
         ('shop:item:list', '商品', 'Items', '', 1)",
    )
    .await;
    let all = permissions::all(&mut tx).await.expect("query");
    let shown: Vec<_> = all
        .iter()
        .map(|p| (p.code.as_str(), p.name_zh.as_str(), p.name_en.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("shop:item:list", "商品", "Items"),
            ("shop:order:list", "订单", "Orders"),
        ]
    );
    assert_eq!(all[1].description, "all of them");
}
