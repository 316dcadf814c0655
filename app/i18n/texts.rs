//! The catalogue itself.

use super::catalogue;
use menshen_domain::role::Status;
use menshen_domain::scope::DataScope;
use menshen_domain::setting::Unit;

/// `one` thing or `n` of them, in English.
fn n_en(n: i64, count: &str, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
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
        settings_text = "保存后立即在所有节点生效，无需重启", "In force on every node as soon as they are saved, without a restart";
        sign_in_methods_text = "除用户名和密码外，还可以怎样登录", "How people sign in beside name and password";
        protection = "防护", "Protection";
        sessions_and_tokens = "会话与令牌", "Sessions and tokens";
        program_settings = "程序配置", "Configuration of the program";
        read_only = "只读", "Read only";
        not_in_force = "未生效", "Not in force";
        on = "开启", "On";
        off = "关闭", "Off";
        chosen = "使用中", "In use";
        leave_unsaved = "有未保存的修改，离开后会丢失。确定离开吗？", "You have unsaved changes that will be lost. Leave anyway?";
        settings_at_once = "保存后立即在所有节点生效", "In force on every node once saved";
        settings_fixed = "这些设置来自配置文件、环境变量或启动参数，只能在那里修改，重启后生效", "These come from the configuration: a file, the environment or flags. Change them there; they need a restart";
        settings_no_permission = "你可以查看，但没有修改设置的权限", "You may see these settings, but not change them";
        set_by = "已固定，设定于", "Pinned, set by";
        from_configuration = "只能在配置中修改，重启后生效", "From the configuration alone; needs a restart";
        is_set = "已设置", "Set";
        not_set = "未设置", "Not set";
        secret_replace = "留空则不变，填写则替换", "Leave empty to keep it; type to replace it";
        secret_none = "保存后不再显示", "Never shown again once saved";
        remove_secret = "移除已保存的值", "Remove the saved value";
        default_value = "默认：", "Default:";
        reset_to_default = "恢复默认", "Reset to default";
        try_out = "测试", "Try it out";
        try_out_sms = "按已保存的设置发送一条短信，其中的验证码没有任何用途", "Sends a message by the saved settings. The code in it opens nothing";
        try_out_vendor = "用已保存的凭据询问供应商，不涉及任何用户", "Asks the vendor whether the saved credentials are good. Nobody signs in";
        send_test = "发送测试短信", "Send a test message";
        check_credentials = "检查凭据", "Check the credentials";

        // Keys.
        keys = "签名密钥", "Signing keys";
        next_rotation = "下次自动轮换：", "Next rotation by itself:";
        rotate_key = "轮换密钥", "Rotate the key";
        rotate_key_question = "轮换签名密钥？", "Rotate the signing key?";
        rotate_key_text = "立即公布一个新密钥，一小时后由它签名。现有密钥签名的令牌在到期前仍然有效，没有人会退出登录", "A new key is published now and signs after an hour. What the present one signed is accepted to its end, and nobody is signed out";
        key_id = "编号（kid）", "Key id (kid)";
        algorithm = "算法", "Algorithm";
        signs_from = "开始签名", "Signs from";
        accepted_until = "有效至", "Accepted until";
        until_replaced = "被接替之前", "Until it is replaced";
        key_next = "待启用", "Next";
        key_signing = "签名中", "Signing";
        key_retired = "仅验证", "Verifies only";
        public_keys = "公钥", "Public keys";
        public_keys_text = "自行验证令牌的服务从这里获取公钥，可缓存 5 分钟", "Services that verify tokens on their own fetch the keys here. They may be kept for five minutes";
        copy_address = "复制地址", "Copy the address";
        revoke = "吊销", "Revoke";
        revoke_key = "吊销密钥", "Revoke the key";
        revoke_next_text = "该密钥尚未签名，不影响任何令牌，但不能恢复", "It has not signed anything yet, so no token is affected. It can't be brought back";
        revoke_signing_text = "它签名的所有访问令牌立即失效，客户端须用刷新令牌换取新的；由下一个密钥立即接替签名。自行验证令牌的服务须重新获取公钥。不能恢复", "Every access token that it signed is refused at once, and clients renew with their refresh tokens. The next key signs at once; services that verify tokens on their own must fetch the public keys anew. It can't be brought back";
        revoke_retired_text = "它签名的、尚未到期的访问令牌立即失效。不能恢复", "Access tokens that it signed and that have not expired are refused at once. It can't be brought back";

        // The own account.
        my_account = "我的账号", "My account";

        // Importing users.
        import_users = "导入用户", "Import users";

        // The components.
        components = "组件", "Components";
    }
    with {
        password_rule(min: usize) = format!("{min}–128 个字符，可用空格、中文和短语；常见密码会被拒绝"),
            format!("{min} to 128 characters, any kind: a phrase works well. Common passwords are refused");
        settings_saved(name: &str, what: &str) =
            if what.is_empty() { format!("{name}没有变化") } else { format!("已保存{name}：{what}") },
            if what.is_empty() { format!("Nothing has changed in {name}") }
            else { format!("Saved {name}: {what}") };
        settings_changed(n: i64) = format!("已修改 {n} 项"), format!("{n} changed");
        settings_tested(section: &str) = match section {
            "sms" => "短信已发送，请查看手机",
            _ => "凭据有效",
        }, match section {
            "sms" => "The message was sent. Have a look at the phone",
            _ => "The credentials are good",
        };
        with_default(name: &str) = format!("{name}（默认）"), format!("{name} (default)");
        unit(unit: Unit) = match unit {
            Unit::Count => "",
            Unit::Seconds => "秒",
            Unit::Days => "天",
            Unit::Characters => "个字符",
        }, match unit {
            Unit::Count => "",
            Unit::Seconds => "seconds",
            Unit::Days => "days",
            Unit::Characters => "characters",
        };
        amount(unit: Unit, n: i64, count: &str) = match unit {
            Unit::Count => count.to_owned(),
            Unit::Seconds => format!("{count} 秒"),
            Unit::Days => format!("{count} 天"),
            Unit::Characters => format!("{count} 个字符"),
        }, match unit {
            Unit::Count => count.to_owned(),
            Unit::Seconds => n_en(n, count, "second", "seconds"),
            Unit::Days => n_en(n, count, "day", "days"),
            Unit::Characters => n_en(n, count, "character", "characters"),
        };
        hours(n: i64) = format!("{n} 小时"), n_en(n, &n.to_string(), "hour", "hours");
        minutes(n: i64) = format!("{n} 分钟"), n_en(n, &n.to_string(), "minute", "minutes");
        key_made(kid: &str) = format!("已公布新密钥 {kid}，一小时后开始签名"),
            format!("Published the new key {kid}. It signs after an hour");
        key_revoked(kid: &str) = format!("已吊销密钥 {kid}"), format!("Revoked the key {kid}");
        revoke_key_named(kid: &str) = format!("吊销密钥 {kid}"), format!("Revoke the key {kid}");
        type_to_confirm(what: &str) = format!("输入 {what} 以确认"), format!("Type {what} to confirm");
        welcome(name: &str) = format!("你好，{name}"), format!("Hello, {name}");
        minutes_ago(n: i64) = format!("{n} 分钟前"),
            format!("{} ago", n_en(n, &n.to_string(), "minute", "minutes"));
        hours_ago(n: i64) = format!("{n} 小时前"),
            format!("{} ago", n_en(n, &n.to_string(), "hour", "hours"));
        days_ago(n: i64) = format!("{n} 天前"),
            format!("{} ago", n_en(n, &n.to_string(), "day", "days"));
        range(first: &str, last: &str, total: &str) = format!("{first}–{last} / {total}"),
            format!("{first}–{last} of {total}");
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
