//! The catalogue itself.

use super::catalogue;
use menshen_domain::role::Status;
use menshen_domain::scope::DataScope;

/// `one` thing or `n` of them, in English.
fn n_en(n: i64, count: &str, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// So many users, in English.
fn users_en(n: i64) -> String {
    n_en(n, &n.to_string(), "user", "users")
}

/// The last day, or the last `n`, in English.
fn n_en_last(n: i64) -> String {
    if n == 1 {
        "in the last day".to_owned()
    } else {
        format!("in the last {n} days")
    }
}

catalogue! {
    plain {
        // Signing in and the password.
        sign_in = "登录", "Sign in";
        sign_in_title = "登录 Menshen", "Sign in to Menshen";
        username = "用户名", "Username";
        password = "密码", "Password";
        show = "显示", "Show";
        hide = "隐藏", "Hide";
        caps_lock = "大写锁定已打开", "Caps Lock is on";
        captcha = "图中字符", "Characters in the picture";
        captcha_image = "验证码图片", "Captcha picture";
        captcha_another = "换一张图片", "Another picture";
        captcha_listen = "听一听", "Listen to the characters";
        captcha_hint = "不分大小写；看不清可换一张，或听一听", "Upper and lower case don't matter. Hard to read? Take another, or listen";
        otp_code = "验证码", "Code";
        otp_hint = "身份验证器应用中的 6 位数字，或一个恢复码", "The 6 digits in your authenticator app, or a recovery code";
        otp_verify = "验证", "Verify";
        otp_back = "重新登录", "Start over";
        sign_out = "退出登录", "Sign out";
        change_password = "修改密码", "Change password";
        choose_password = "设置新密码", "Choose a new password";
        password_due = "这是一次性密码，请先设置只有你知道的新密码", "You signed in with a one-time password. Choose one that only you know";
        password_ends_sessions = "修改后，你在其他地方的登录会立即失效", "Your other sessions end when you change it";
        current_password = "当前密码", "Current password";
        new_password = "新密码", "New password";
        repeat_password = "再次输入新密码", "New password again";
        save_password = "保存新密码", "Save new password";
        password_changed = "密码已修改，其他会话已结束", "Password changed. Your other sessions have ended";

        // The frame.
        skip = "跳到主要内容", "Skip to content";
        navigation = "主导航", "Main navigation";
        open_navigation = "打开导航", "Open navigation";
        nav_fold = "收起导航", "Collapse navigation";
        nav_unfold = "展开导航", "Expand navigation";
        breadcrumb = "当前位置", "Breadcrumb";
        theme = "主题", "Theme";
        theme_light = "浅色", "Light";
        theme_dark = "深色", "Dark";
        theme_system = "跟随系统", "System";
        account = "账号菜单", "Account menu";
        overview = "概览", "Overview";
        people = "人员", "People";
        users = "用户", "Users";
        access = "访问控制", "Access";
        roles = "角色", "Roles";
        records = "记录", "Records";
        system = "系统", "System";
        close = "关闭", "Close";

        // States.
        loading = "正在加载", "Loading";
        try_again = "重试", "Try again";
        failed_title = "出错了", "Something went wrong";
        request_id = "请求编号", "Request id";
        gone_title = "没有找到", "Not found";
        forbidden_title = "没有权限", "You don't have permission";
        forbidden_text = "查看此页需要：", "This page needs:";
        forbidden_hint = "请联系管理员为你的角色添加该权限", "Ask an administrator to add it to one of your roles";
        not_found_title = "页面不存在", "Page not found";
        not_found_text = "地址可能有误，或页面已被移走", "The address may be wrong, or the page has moved";
        to_overview = "返回概览", "Go to overview";
        nothing_found = "没有符合条件的结果", "Nothing matches";
        nothing_found_text = "换个关键词，或清除筛选条件", "Try other words, or clear the filters";
        clear_filters = "清除筛选", "Clear filters";
        unsaved = "有未保存的修改", "You have unsaved changes";
        discard = "放弃修改", "Discard";
        keep_editing = "继续编辑", "Keep editing";

        // Words that many pages use.
        just_now = "刚刚", "just now";
        never = "从未", "Never";
        none = "无", "None";
        active = "正常", "Active";
        disabled = "已停用", "Disabled";
        status = "状态", "Status";
        user = "用户", "User";
        role = "角色", "Role";
        department = "部门", "Department";
        last_sign_in = "最近登录", "Last sign-in";
        last_change = "最近修改", "Last change";
        created = "创建时间", "Created";
        actions = "操作", "Actions";
        edit = "编辑", "Edit";
        enable = "启用", "Enable";
        disable = "停用", "Disable";
        delete = "删除", "Delete";
        cancel = "取消", "Cancel";
        done = "完成", "Done";
        undo = "撤销", "Undo";
        taken_back = "已撤销", "Taken back";
        save = "保存", "Save";
        add = "添加", "Add";
        added = "新增", "added";
        removed = "移除", "removed";
        copy = "复制", "Copy";
        copied = "已复制", "Copied";
        search = "搜索", "Search";
        optional = "选填", "optional";
        remark = "备注", "Note";
        sort = "排序", "Sort";
        pages = "分页", "Pages";
        previous_page = "上一页", "Previous page";
        next_page = "下一页", "Next page";

        // The overview.
        open_sessions = "在线会话", "Open sessions";
        right_now = "当前", "Right now";
        sign_ins = "登录", "Sign-ins";
        failed_sign_ins = "登录失败", "Failed sign-ins";
        last_day = "最近 24 小时", "Last 24 hours";
        last_sign_ins = "最近的登录", "Latest sign-ins";
        result = "结果", "Result";
        succeeded = "成功", "Succeeded";
        failed = "失败", "Failed";
        address = "地址", "Address";
        client = "客户端", "Client";
        time = "时间", "Time";
        nothing_here = "这里还没有你能看的内容", "Nothing for you to see here yet";
        nothing_here_text = "管理员给你分配角色之后，你能使用的功能会出现在这里", "Once an administrator gives you a role, what you may use appears here";

        // Users.
        new_user = "新建用户", "New user";
        edit_user = "编辑用户", "Edit user";
        create_user = "创建用户", "Create user";
        search_users = "姓名、用户名、手机、邮箱", "Name, username, phone, e-mail";
        no_users = "还没有用户", "No users yet";
        no_users_text = "新建第一个用户，并为其分配角色", "Create the first user and give it a role";
        password_change_due = "待改密码", "Password change due";
        account_section = "账号", "Account";
        profile_section = "资料", "Profile";
        facts = "记录", "Facts";
        danger_section = "账号操作", "Account actions";
        nickname = "姓名", "Name";
        phone = "手机", "Phone";
        email = "邮箱", "E-mail";
        sex = "性别", "Sex";
        sex_male = "男", "Male";
        sex_female = "女", "Female";
        sex_untold = "未填写", "Not told";
        first_password = "初始密码", "First password";
        must_change = "首次登录时必须设置新密码", "Must choose a new password at first sign-in";
        start_disabled = "先停用，暂不能登录", "Start disabled: can't sign in yet";
        user_id = "编号", "Id";
        password_set = "密码修改时间", "Password changed";
        save_roles = "保存角色", "Save roles";
        no_roles = "还没有可分配的角色", "There are no roles to give yet";
        disable_user_text = "该用户的会话会立即结束，启用之前不能登录", "Their sessions end at once, and they can't sign in until you enable them again";
        delete_user_text = "该用户的会话会立即结束，并从列表中移除，用户名不能再登录", "Their sessions end at once, they leave every list, and the name can't sign in any more";
        delete_user_button = "删除用户", "Delete user";
        reset_password = "重置密码", "Reset password";
        reset = "重置", "Reset";
        reset_password_text = "原密码会立即失效，会话会结束；系统会生成一个只显示一次的一次性密码", "The present password stops working and their sessions end. You are shown a one-time password, once";
        reset_password_short = "生成一次性密码，下次登录时必须修改", "Makes a one-time password that must be changed at the next sign-in";
        new_secret_hint = "关闭后不再显示；首次登录时须设置新密码", "It is not shown again. A new one must be chosen at the next sign-in";
        disable_account = "停用账号", "Disable account";
        disable_short = "会话立即结束，不能登录，资料保留", "Sessions end at once; nothing is lost";
        enable_account = "启用账号", "Enable account";
        enable_short = "允许该用户重新登录", "Lets them sign in again";
        delete_account = "删除账号", "Delete account";
        delete_short = "移除该用户，不能恢复", "Removes the user for good";

        // More of users.
        page_size = "每页", "Per page";
        columns = "显示的列", "Columns";
        apply = "应用", "Apply";
        export = "导出", "Export";
        import = "导入", "Import";
        signed_in_since = "登录时间", "Signed in";
        second_factor = "两步验证", "Second factor";
        no_department = "无部门", "No department";
        pick_all = "选择本页全部", "Select all on this page";
        pick_none = "取消选择", "Clear the selection";
        with_picked = "批量操作", "Actions for the selected";
        give_role = "授予角色", "Give a role";
        take_role = "收回角色", "Take a role";
        move_users = "移动", "Move";
        enable_users_text = "他们可以重新登录", "They can sign in again";
        give_role_text = "保留他们已有的角色，另外授予：", "They keep the roles that they hold, and get in addition:";
        take_role_text = "他们会立即失去该角色授予的权限", "They lose at once what the role grants";
        move_users_text = "数据范围随部门变化", "Who sees them, and whom they see, may change with the department";
        delete_users_text = "他们会从所有列表中消失，不能恢复", "They leave every list and can't be brought back";
        delete_users_button = "删除这些用户", "Delete them";
        tabs = "用户资料分区", "Parts of this user";
        tab_access = "角色与权限", "Roles and permissions";
        tab_security = "登录安全", "Sign-in and sessions";
        tab_history = "历史", "History";
        effective = "实际权限", "Effective permissions";
        effective_text = "由启用的角色授予；括注是授予它的通配", "What the active roles grant, each with the role and the pattern it comes from";
        effective_off = "该用户已停用，这些权限在启用之前不起作用", "The user is disabled: none of this counts until they are enabled";
        no_permissions = "没有任何权限", "No permissions at all";
        role_disabled = "该角色已停用，不授予权限", "This role is disabled and grants nothing";
        second_factors = "两步验证", "Second factors";
        authenticator = "身份验证器", "Authenticator app";
        turned_on = "已开启", "On";
        not_set_up = "未设置", "Not set up";
        recovery_codes = "恢复码", "Recovery codes";
        reset_otp = "重置两步验证", "Reset second factor";
        reset_otp_short = "用户丢失手机时使用；会话立即结束", "For who has lost the phone; their sessions end at once";
        reset_otp_text = "验证器和恢复码立即失效，会话会结束；之后只凭密码登录，请先确认对方身份", "The app and the recovery codes stop working and their sessions end. The password alone signs them in then, so make sure that it is really them who ask";
        no_sessions = "没有在线会话", "No open sessions";
        unknown_client = "未知客户端", "Unknown client";
        this_session = "当前会话", "This session";
        end_session = "结束", "End";
        end_all = "结束全部会话", "End all sessions";
        end_sessions_text = "该用户在所有设备上都会退出登录", "They are signed out everywhere";
        opened = "登录于", "signed in";
        last_seen = "最近活动", "last seen";
        changes = "变更", "Changes";
        see_all = "查看全部", "See all";
        nothing_yet = "还没有记录", "Nothing yet";
        make_one_time = "自动生成一次性密码", "Generate a random password";
        make_one_time_hint = "创建后只显示一次，首次登录时须修改", "Shown once after creating; it must be changed at the first sign-in";
        one_time_made = "一次性密码", "One-time password";

        // Roles.
        new_role = "新建角色", "New role";
        new_role_text = "角色把权限打包，分配给用户", "A role bundles permissions to give to users";
        edit_role = "编辑角色", "Edit role";
        create_role = "创建角色", "Create role";
        search_roles = "名称、标识", "Name, key";
        role_name = "名称", "Name";
        role_key = "标识", "Key";
        role_key_hint = "供程序识别，以字母开头，如 auditor", "For programs; starts with a letter, such as auditor";
        permissions = "权限", "Permissions";
        data_scope = "数据范围", "Sees";
        holders = "人数", "Holders";
        builtin = "内置", "Built in";
        builtin_text = "内置角色的标识、状态、数据范围和权限不能修改，也不能删除：这样总有人能管理系统", "A built-in role keeps its key, status, data scope and permissions and can't be deleted, so that there is always somebody who can administer the system";
        everything = "全部权限", "Everything";
        filter_permissions = "筛选权限", "Filter permissions";
        wildcard = "通配", "Wildcard";
        by_wildcard = "由通配包含", "by wildcard";
        add_pattern = "添加通配", "Add a wildcard";
        add_pattern_hint = "* 代表任意一段，例如 system:*:list", "* stands for any one segment, such as system:*:list";
        not_yours = "你自己没有这项权限，不能授予别人", "You don't hold this permission yourself, so you can't grant it";
        not_yours_short = "你没有", "not yours";
        before_saving = "保存前确认", "Before you save";
        save_changes = "保存修改", "Save changes";
        no_permission_changes = "权限没有变化", "No permission changes";
        permissions_changed = "项权限", "permissions";
        delete_role_free = "没有用户拥有该角色。删除后不能恢复", "Nobody holds this role. It can't be brought back";
        delete_role_button = "删除角色", "Delete role";

        // Departments.
        departments = "部门", "Departments";
        edit_department = "编辑部门", "Edit department";
        new_department = "新建部门", "New department";

        // Sessions.
        sessions = "会话", "Sessions";

        // The permission catalogue.
        edit_permission = "编辑权限", "Edit permission";
        new_permission = "新建权限", "New permission";

        // Menus.
        menus = "菜单", "Menus";
        edit_menu = "编辑菜单", "Edit menu";
        new_menu = "新建菜单", "New menu";

        // Operations.
        operations = "操作记录", "Operations";
        operation = "操作详情", "Operation";

        // Settings.
        settings = "设置", "Settings";
        sign_in_methods = "登录方式", "Sign-in methods";

        // Keys.
        keys = "签名密钥", "Signing keys";

        // The own account.
        my_account = "我的账号", "My account";

        // Importing users.
        import_users = "导入用户", "Import users";
        import_text = "先检查文件，确认后才会创建用户", "The file is checked first; nothing is created before you confirm";
        import_file = "CSV 文件", "CSV file";
        import_file_hint = "选择文件或拖到此处；UTF-8 编码，最多 1000 行", "Choose a file or drop it here. UTF-8, at most 1,000 lines";
        check_file = "检查文件", "Check the file";
        template = "下载模板", "Download template";
        import_mend = "改好后重新选择文件并检查，或只导入没有问题的行", "Mend them and check the file again, or import the good lines alone";
        line = "行", "Line";
        column = "列", "Column";
        value = "内容", "Value";
        problem = "问题", "Problem";
        see_users = "查看用户", "See the users";
        import_passwords = "一次性密码", "One-time passwords";
        import_passwords_hint = "只显示这一次，请现在保存；首次登录时须修改", "Shown this once: save them now. They must be changed at the first sign-in";
        import_columns = "列的说明", "What the columns are";
        column_username = "用户名，必填", "The login name; required";
        column_nickname = "姓名", "The name for people";
        column_password = "初始密码；留空则生成一次性密码", "The first password; left empty, a one-time password is made up";
        column_phone = "手机号，5–20 位数字", "A phone number, 5 to 20 digits";
        column_email = "邮箱", "An e-mail address";
        column_sex = "0 男，1 女，2 未填写", "0 male, 1 female, 2 not told";
        column_status = "0 正常，1 停用；留空为正常", "0 active, 1 disabled; left empty, active";
        column_dept = "从最上级开始的部门名，用 / 分隔；也可用 deptId 或 deptName", "The departments' names from the top, separated by /; or use deptId or deptName instead";
        column_roles = "角色标识，用 ; 分隔", "Keys of roles, separated by ;";
        column_remark = "备注", "A note";

        // The components.
        components = "组件", "Components";
    }
    with {
        password_rule(min: usize) = format!("{min}–128 个字符，可用空格、中文和短语；常见密码会被拒绝"),
            format!("{min} to 128 characters, any kind: a phrase works well. Common passwords are refused");
        welcome(name: &str) = format!("你好，{name}"), format!("Hello, {name}");
        minutes_ago(n: i64) = format!("{n} 分钟前"),
            format!("{} ago", n_en(n, &n.to_string(), "minute", "minutes"));
        hours_ago(n: i64) = format!("{n} 小时前"),
            format!("{} ago", n_en(n, &n.to_string(), "hour", "hours"));
        days_ago(n: i64) = format!("{n} 天前"),
            format!("{} ago", n_en(n, &n.to_string(), "day", "days"));
        range(first: &str, last: &str, total: &str) = format!("{first}–{last} / {total}"),
            format!("{first}–{last} of {total}");
        per_page(n: i64) = format!("每页 {n} 条"), format!("{n} per page");
        last_days(n: i64) = format!("{n} 天内"), n_en_last(n);
        pick(name: &str) = format!("选择 {name}"), format!("Select {name}");
        picked(n: i64) = format!("已选 {n} 人"), format!("{n} selected");
        names(list: &[&str]) = list.join("、"), list.join(", ");
        and_more(names: &str, n: usize) = format!("{names} 等，另有 {n} 人"), format!("{names} and {n} more");
        their_sessions(n: i64, count: &str) = if n == 0 {
            "他们都没有在线会话。".to_owned()
        } else {
            format!("他们的 {count} 个会话会立即结束。")
        }, if n == 0 {
            "None of them is signed in.".to_owned()
        } else if n == 1 {
            "Their 1 session ends at once.".to_owned()
        } else {
            format!("Their {count} sessions end at once.")
        };
        enable_users(n: i64) = format!("启用 {n} 个用户？"), format!("Enable {}?", users_en(n));
        disable_users(n: i64) = format!("停用 {n} 个用户？"), format!("Disable {}?", users_en(n));
        give_role_to(n: i64) = format!("给 {n} 个用户授予角色"), format!("Give {} a role", users_en(n));
        take_role_from(n: i64) = format!("从 {n} 个用户收回角色"), format!("Take a role from {}", users_en(n));
        move_users_to(n: i64) = format!("移动 {n} 个用户"), format!("Move {}", users_en(n));
        delete_users(n: i64) = format!("删除 {n} 个用户？"), format!("Delete {}?", users_en(n));
        users_status(status: Status, n: i64) = match status {
            Status::Active => format!("已启用 {n} 个用户"),
            Status::Disabled => format!("已停用 {n} 个用户，会话已结束"),
        }, match status {
            Status::Active => format!("Enabled {}", users_en(n)),
            Status::Disabled => format!("Disabled {}. Their sessions have ended", users_en(n)),
        };
        users_moved(n: i64) = format!("已移动 {n} 个用户"), format!("Moved {}", users_en(n));
        role_given(n: i64) = format!("已给 {n} 个用户授予角色"), format!("Gave {} the role", users_en(n));
        role_taken(n: i64) = format!("已从 {n} 个用户收回角色"), format!("Took the role from {}", users_en(n));
        users_deleted(n: i64) = format!("已删除 {n} 个用户"), format!("Deleted {}", users_en(n));
        reset_otp_of(name: &str) = format!("重置 {name} 的两步验证？"), format!("Reset the second factor of {name}?");
        otp_reset(name: &str) = format!("已重置 {name} 的两步验证"), format!("Reset the second factor of {name}");
        end_sessions_of(name: &str) = format!("结束 {name} 的全部会话？"), format!("End all sessions of {name}?");
        session_ended(name: &str) = format!("已结束 {name} 的一个会话"), format!("Ended a session of {name}");
        sessions_ended(n: i64, name: &str) = format!("已结束 {name} 的 {n} 个会话"),
            format!("Ended {} of {name}", n_en(n, &n.to_string(), "session", "sessions"));
        codes_left(n: i64) = format!("剩余 {n} 个"), format!("{n} left");
        by(name: &str) = if name.is_empty() { "系统".to_owned() } else { format!("操作人：{name}") },
            if name.is_empty() { "by the system".to_owned() } else { format!("by {name}") };
        all_good(n: i64, count: &str) = { let _ = n; format!("全部 {count} 行都没有问题") },
            format!("{} without a problem", n_en(n, count, "line", "lines"));
        some_bad(n: i64, count: &str, total: &str) = { let _ = n; format!("{total} 行中有 {count} 行有误") },
            format!("{} of {total} {} a problem", count, if n == 1 { "has" } else { "have" });
        import_n(n: i64, count: &str) = { let _ = n; format!("导入 {count} 个用户") },
            format!("Import {}", n_en(n, count, "user", "users"));
        import_good(n: i64, count: &str, bad: &str) = { let _ = n; format!("只导入没有问题的 {count} 行，略过 {bad} 行") },
            format!("Import {} and leave {bad} out", n_en(n, count, "good line", "good lines"));
        imported(n: i64, count: &str) = { let _ = n; format!("已导入 {count} 个用户") },
            format!("Imported {}", n_en(n, count, "user", "users"));
        left_out(n: i64, count: &str) = { let _ = n; format!("略过了 {count} 行：") },
            format!("{} left out:", n_en(n, count, "line was", "lines were"));
        remove_filter(label: &str) = format!("移除筛选：{label}"), format!("Remove filter: {label}");
        actions_for(name: &str) = format!("操作：{name}"), format!("Actions for {name}");
        of_them_disabled(n: &str) = format!("其中 {n} 个已停用"), format!("{n} of them disabled");
        users_total(n: i64, count: &str) = format!("共 {count} 人"), n_en(n, count, "user", "users");
        users_found(n: i64, count: &str) = format!("找到 {count} 人"),
            format!("{} found", n_en(n, count, "user", "users"));
        user_created(name: &str) = format!("已创建用户 {name}"), format!("Created {name}");
        user_saved(name: &str) = format!("已保存 {name} 的资料"), format!("Saved {name}");
        user_deleted(name: &str) = format!("已删除用户 {name}"), format!("Deleted {name}");
        user_status(status: Status, name: &str) = match status {
            Status::Active => format!("已启用 {name}"),
            Status::Disabled => format!("已停用 {name}，会话已结束"),
        }, match status {
            Status::Active => format!("Enabled {name}"),
            Status::Disabled => format!("Disabled {name}. Their sessions have ended"),
        };
        roles_saved(name: &str) = format!("已保存 {name} 的角色"), format!("Saved the roles of {name}");
        disable_user(name: &str) = format!("停用 {name}？"), format!("Disable {name}?");
        delete_user(name: &str) = format!("删除 {name}？"), format!("Delete {name}?");
        reset_password_of(name: &str) = format!("重置 {name} 的密码？"), format!("Reset the password of {name}?");
        new_secret(name: &str) = format!("{name} 的一次性密码："), format!("The one-time password of {name}:");
        roles_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个角色") },
            n_en(n, count, "role", "roles");
        roles_found(n: i64, count: &str) = { let _ = n; format!("找到 {count} 个角色") },
            format!("{} found", n_en(n, count, "role", "roles"));
        role_created(name: &str) = format!("已创建角色 {name}"), format!("Created the role {name}");
        role_saved_with(name: &str, added: usize, removed: usize) =
            if added + removed == 0 { format!("已保存角色 {name}") }
            else { format!("已保存角色 {name}：权限 +{added} −{removed}") },
            if added + removed == 0 { format!("Saved the role {name}") }
            else { format!("Saved the role {name}: +{added} −{removed} permissions") };
        role_deleted(name: &str) = format!("已删除角色 {name}"), format!("Deleted the role {name}");
        role_status(status: Status, name: &str) = match status {
            Status::Active => format!("已启用角色 {name}"),
            Status::Disabled => format!("已停用角色 {name}，不再授予权限"),
        }, match status {
            Status::Active => format!("Enabled the role {name}"),
            Status::Disabled => format!("Disabled the role {name}. It grants nothing now"),
        };
        disable_role(name: &str) = format!("停用角色 {name}？"), format!("Disable the role {name}?");
        disable_role_text(holders: i64) = if holders == 0 {
            "没有用户拥有该角色。停用期间它不授予任何权限".to_owned()
        } else {
            format!("{holders} 个用户会立即失去它授予的权限，启用后恢复")
        }, if holders == 0 {
            "Nobody holds this role. While it is disabled it grants nothing".to_owned()
        } else {
            format!("{} at once what it grants, until you enable it again",
                n_en(holders, &holders.to_string(), "person loses", "people lose"))
        };
        delete_role(name: &str) = format!("删除角色 {name}？"), format!("Delete the role {name}?");
        delete_role_held(holders: i64) =
            format!("还有 {holders} 个用户拥有该角色，他们会立即失去它授予的权限。删除后不能恢复"),
            format!("{} this role and will lose what it grants at once. It can't be brought back",
                n_en(holders, &holders.to_string(), "person holds", "people hold"));
        delete_role_force(holders: i64) = format!("解除这 {holders} 个用户的角色并删除"),
            format!("Take it from {} and delete it",
                n_en(holders, &holders.to_string(), "person", "people"));
        permission_count(n: usize, wild: usize) =
            if wild == 0 { format!("{n} 项") } else { format!("{n} 项，含 {wild} 个通配") },
            if wild == 0 { n.to_string() } else {
                format!("{n}, {}", n_en(i64::try_from(wild).unwrap_or(0), &wild.to_string(), "wildcard", "wildcards"))
            };
        n_of(n: usize, total: usize) = format!("{n} / {total}"), format!("{n} of {total}");
        all_by_wildcard(total: usize) = format!("全部 {total} 项，由通配包含"), format!("all {total}, by wildcard");
        all_of(name: &str) = format!("{name}：全选"), format!("All of {name}");
        fold(name: &str) = format!("收起 {name}"), format!("Collapse {name}");
        unfold(name: &str) = format!("展开 {name}"), format!("Expand {name}");
        covers(n: usize) = format!("包含 {n} 项"), format!("covers {n}");
        held_by(n: i64, count: &str) = if n == 0 { "没有用户拥有".to_owned() } else { format!("{count} 个用户拥有") },
            if n == 0 { "nobody holds it".to_owned() } else { n_en(n, count, "person holds it", "people hold it") };
        takes_effect(holders: i64) = if holders == 0 {
            "保存后立即生效".to_owned()
        } else {
            format!("保存后立即对 {holders} 个用户生效")
        }, if holders == 0 {
            "Takes effect as soon as it is saved".to_owned()
        } else {
            format!("Takes effect on the next request of {}",
                n_en(holders, &holders.to_string(), "person", "people"))
        };
        scope(scope: DataScope) = match scope {
            DataScope::All => "全部数据",
            DataScope::Custom => "指定部门",
            DataScope::OwnDept => "本部门",
            DataScope::OwnAndBelow => "本部门及下级",
            DataScope::SelfOnly => "仅本人",
        }, match scope {
            DataScope::All => "Everybody",
            DataScope::Custom => "Chosen departments",
            DataScope::OwnDept => "Own department",
            DataScope::OwnAndBelow => "Own dept. and below",
            DataScope::SelfOnly => "Only themselves",
        };
    }
}
