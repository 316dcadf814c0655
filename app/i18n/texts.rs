//! The catalogue itself.

use super::catalogue;
use menshen_domain::menu::MenuKind;
use menshen_domain::role::Status;
use menshen_domain::scope::DataScope;
use menshen_domain::setting::Unit;

/// A month's short name, in English.
fn month_en(month: i64) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = usize::try_from(month - 1).unwrap_or_default();
    NAMES.get(at).copied().unwrap_or_default()
}

/// `one` thing or `n` of them, in English.
fn n_en(n: i64, count: &str, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// That so many sessions of one user end, in Chinese; how many they are is not always known.
fn sessions_end_zh(sessions: Option<i64>) -> String {
    if let Some(n) = sessions {
        if n == 0 {
            "该用户没有在线会话".to_owned()
        } else {
            format!("该用户的 {n} 个会话会立即结束")
        }
    } else {
        "该用户的会话会立即结束".to_owned()
    }
}

/// The same in English.
fn sessions_end_en(sessions: Option<i64>) -> String {
    if let Some(n) = sessions {
        if n == 0 {
            "They are not signed in".to_owned()
        } else {
            format!(
                "Their {} at once",
                n_en(n, &n.to_string(), "session ends", "sessions end")
            )
        }
    } else {
        "Their sessions end at once".to_owned()
    }
}

/// So many users, in English.
fn users_en(n: i64) -> String {
    n_en(n, &n.to_string(), "user", "users")
}

/// What was added to a list and what was taken out of it, each with a space before it.
fn plus_minus(added: usize, removed: usize) -> String {
    let part = |sign: char, n: usize| match n {
        0 => String::new(),
        n => format!(" {sign}{n}"),
    };
    part('+', added) + &part('−', removed)
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
        passkey_sign_in = "用通行密钥登录", "Sign in with a passkey";
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

        // Ways in.
        ways_in = "登录方式", "Ways to sign in";
        by_password = "密码登录", "Password";
        by_sms = "短信登录", "Text message";
        by_wechat = "微信扫码登录", "Sign in with WeChat";
        by_wecom = "企业微信登录", "Sign in with WeCom";
        or = "或", "or";
        send_code = "获取验证码", "Send code";
        send_again = "重新获取验证码", "Send another code";
        another_number = "换一个号码", "Another number";
        sms_hint = "我们会发一条含 6 位验证码的短信", "We send you a text message with 6 digits";
        sms_code_hint = "短信中的 6 位数字，5 分钟内有效", "The 6 digits in the message, valid for 5 minutes";
        signing_in = "正在登录…", "Signing in…";
        go_on = "继续", "Continue";
        strength = "密码强度", "Strength";
        strength_0 = "极弱", "Very weak";
        strength_1 = "弱", "Weak";
        strength_2 = "一般", "Fair";
        strength_3 = "强", "Strong";
        strength_4 = "很强", "Very strong";

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

        // The command palette and the shortcuts.
        palette = "命令面板", "Command palette";
        palette_prompt = "搜索或前往", "Search or go to";
        palette_hint = "页面、用户、角色、操作", "Pages, users, roles, actions";
        palette_recent = "最近使用", "Recent";
        palette_go = "前往", "Go to";
        palette_walk = "移动", "Navigate";
        palette_choose = "选择", "Select";
        palette_language = "切换为英文", "Switch to Chinese";
        palette_rotate = "轮换签名密钥", "Rotate the signing key";
        shortcuts = "键盘快捷键", "Keyboard shortcuts";
        keys_everywhere = "所有页面", "On every page";
        keys_in_list = "列表中", "In a list";
        keys_search = "搜索此列表", "Search the list";
        keys_new = "新建", "New";
        keys_down = "下一行", "Next row";
        keys_up = "上一行", "Previous row";
        keys_open = "打开该行", "Open the row";
        keys_pick = "选择该行", "Select the row";
        keys_switch = "启用单键快捷键", "Single-key shortcuts";
        keys_switch_hint = "使用语音输入时可关闭；组合键不受影响", "Turn them off when you use speech input. Those with Ctrl stay";

        // States.
        loading = "正在加载", "Loading";
        try_again = "重试", "Try again";
        failed_title = "出错了", "Something went wrong";
        request_id = "请求编号", "Request ID";
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
        unsaved_text = "离开后会丢失", "They are lost when you leave";
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
        copy_refused = "浏览器不允许在此复制，请选中文字后手动复制", "The browser does not allow copying here. Select the text and copy it by hand";
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
        sign_ins = "登录记录", "Sign-ins";
        sign_ins_today = "今日登录", "Sign-ins today";
        failed_today = "今日失败", "Failures today";
        throttled = "暂时锁定的账号", "Locked accounts";
        throttled_below = "失败次数过多", "after too many failures";
        without_factor = "未启用两步验证", "No two-step verification";
        of_active = "正常账号中", "of the active users";
        two_weeks = "最近 14 天的登录", "Sign-ins of the last 14 days";
        as_table = "以表格显示", "Show as a table";
        day = "日期", "Day";
        attention = "需要关注", "Needs attention";
        all_well = "没有需要处理的事项", "Nothing needs your attention";
        last_actions = "最近的操作", "Latest operations";
        all_operations = "全部操作", "All operations";
        all_sign_ins = "全部登录记录", "All sign-ins";
        last_sign_ins = "最近的登录", "Latest sign-ins";
        result = "结果", "Result";
        succeeded = "成功", "Succeeded";
        failed = "失败", "Failed";
        address = "地址", "Address";
        client = "客户端", "Client";
        time = "时间", "Time";
        nothing_here = "这里还没有你能看的内容", "Nothing for you to see here yet";
        nothing_here_text = "管理员给你分配角色之后，你能使用的功能会出现在这里", "Once an administrator assigns you a role, what you may use appears here";

        // Users.
        new_user = "新建用户", "New user";
        edit_user = "编辑用户", "Edit user";
        create_user = "创建用户", "Create user";
        search_users = "姓名、用户名、手机、邮箱", "Name, phone or e-mail";
        no_users = "还没有用户", "No users yet";
        no_users_text = "新建第一个用户，并为其分配角色", "Create the first user and assign a role";
        password_change_due = "待改密码", "Password change due";
        account_section = "账号", "Account";
        profile_section = "资料", "Profile";
        facts = "基本信息", "Details";
        danger_section = "账号操作", "Account actions";
        nickname = "姓名", "Name";
        phone = "手机", "Phone";
        email = "邮箱", "E-mail";
        sex = "性别", "Sex";
        sex_male = "男", "Male";
        sex_female = "女", "Female";
        sex_untold = "未填写", "Not specified";
        first_password = "初始密码", "First password";
        must_change = "首次登录时必须设置新密码", "Must choose a new password at first sign-in";
        start_disabled = "先停用，暂不能登录", "Start disabled: can't sign in yet";
        user_id = "编号", "ID";
        password_set = "密码修改时间", "Password changed";
        save_roles = "保存角色", "Save roles";
        no_roles = "还没有可分配的角色", "There are no roles to assign yet";
        delete_user_button = "删除用户", "Delete user";
        reset_password = "重置密码", "Reset password";
        reset = "重置", "Reset";
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
        second_factor = "两步验证", "Two-step verification";
        no_department = "无部门", "No department";
        pick_all = "选择本页全部", "Select all on this page";
        pick_none = "取消选择", "Clear the selection";
        with_picked = "批量操作", "Actions for the selected";
        give_role = "授予角色", "Assign a role";
        take_role = "收回角色", "Remove a role";
        move_users = "移动", "Move";
        enable_users_text = "他们可以重新登录", "They can sign in again";
        give_role_text = "保留他们已有的角色，另外授予：", "They keep the roles that they hold, and are assigned in addition:";
        take_role_text = "他们会立即失去该角色授予的权限", "They lose at once what the role grants";
        move_users_text = "他们能看到谁、谁能看到他们，可能随部门改变", "Who sees them, and whom they see, may change with the department";
        delete_users_text = "他们会从所有列表中消失，不能恢复", "They leave every list and can't be brought back";
        delete_users_button = "删除这些用户", "Delete them";
        tabs = "用户资料分区", "Parts of this user";
        tab_access = "角色与权限", "Roles and permissions";
        tab_security = "登录安全", "Sign-in and sessions";
        tab_history = "历史", "History";
        effective = "实际权限", "Effective permissions";
        effective_text = "由已启用的角色授予；角色后面带 * 的标识，是授予该权限的通配", "What the active roles grant. Where a code with * stands after the role, the permission comes from that wildcard";
        effective_off = "该用户已停用，这些权限在启用之前不起作用", "The user is disabled: none of this counts until they are enabled";
        no_permissions = "没有任何权限", "No permissions at all";
        role_disabled = "该角色已停用，不授予权限", "This role is disabled and grants nothing";
        second_factors = "两步验证与通行密钥", "Two-step verification and passkeys";
        authenticator = "身份验证器", "Authenticator app";
        not_set_up = "未设置", "Not set up";
        reset_passkeys = "清除通行密钥", "Remove passkeys";
        reset_passkeys_short = "用户丢失设备或设备被盗时使用；会话立即结束", "For a device that is lost or stolen; their sessions end at once";
        reset_otp = "重置两步验证", "Reset two-step verification";
        reset_otp_short = "用户丢失手机时使用；会话立即结束", "For a phone that is lost; their sessions end at once";
        unknown_client = "未知客户端", "Unknown client";
        end = "结束", "End";
        opened = "登录于", "signed in";
        see_all = "查看全部", "See all";
        nothing_yet = "还没有记录", "Nothing yet";
        make_one_time = "自动生成一次性密码", "Generate a random password";
        make_one_time_hint = "创建后只显示一次，首次登录时须修改", "Shown once after creating; it must be changed at the first sign-in";
        one_time_made = "一次性密码", "One-time password";

        // Roles.
        new_role = "新建角色", "New role";
        new_role_text = "角色把权限打包，分配给用户", "A role bundles permissions, to be assigned to users";
        edit_role = "编辑角色", "Edit role";
        create_role = "创建角色", "Create role";
        search_roles = "名称、标识", "Name, key";
        role_name = "名称", "Name";
        role_key = "标识", "Key";
        role_key_hint = "供程序识别，以字母开头，如 auditor", "For programs; starts with a letter, such as auditor";
        permissions = "权限", "Permissions";
        data_scope = "数据范围", "Data scope";
        holders = "用户数", "Holders";
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
        nothing_to_save = "还没有修改", "Nothing changed yet";
        changed_meanwhile = "该角色已被修改", "This role has been changed meanwhile";
        load_anew = "重新加载", "Load anew";
        disabled_reaches_nobody = "角色已停用：启用之前不影响任何人", "The role is disabled: nothing changes for anybody until it is enabled";
        duplicate = "复制", "Duplicate";
        delete_role_free = "没有用户拥有该角色。删除后不能恢复", "Nobody holds this role. It can't be brought back";
        delete_role_button = "删除角色", "Delete role";

        // Departments.
        departments = "部门", "Departments";
        edit_department = "编辑部门", "Edit department";
        new_department = "新建部门", "New department";
        create_department = "创建部门", "Create department";
        search_departments = "部门名称", "Department name";
        no_departments = "还没有部门", "No departments yet";
        no_departments_text = "部门组成一棵树，用户归属部门，数据范围按部门划分", "Departments form a tree. Users belong to one, and data scopes go by it";
        dept_name = "名称", "Name";
        leader = "负责人", "Leader";
        contact = "联系方式", "Contact";
        out_of_scope = "不在数据范围内", "outside your data scope";
        path_of_ids = "路径", "Path";
        start_disabled_dept = "先停用，暂不能选给用户", "Start disabled: can't be chosen for users yet";
        delete_dept_text = "数据范围包含它的角色将不再包含它。删除后不能恢复", "Roles whose data scope includes it lose it. It can't be brought back";
        delete_dept_button = "删除部门", "Delete department";
        chosen_departments = "可见的部门", "Departments in sight";
        chosen_departments_hint = "只有勾选的部门本身算在内，下级部门要单独勾选", "Only the departments ticked count; tick those below them too where they should";

        // Trees: what departments, menus and permissions have in common.
        top = "顶级", "the top level";
        at_the_top = "（顶级）", "(top level)";
        at_the_end = "排在最后", "At the end";
        at_the_start = "排在最前", "At the start";
        stands_below = "上级", "Parent";
        position = "位置", "Position";
        move_here = "移动", "Move";
        move_dots = "移动…", "Move…";
        new_below = "新建下级", "New below";
        rename = "重命名", "Rename";
        with_all_below = "含下级", "all below";
        tree_keys = "方向键在行间移动，Alt+↑↓ 调整顺序，Alt+→← 改变层级，F2 重命名；也可以拖动", "Arrow keys move from row to row. Alt+↑↓ changes the order, Alt+→← the level, F2 renames. Rows can be dragged too";
        rename_keys = "方向键在行间移动，F2 重命名自定义的权限", "Arrow keys move from row to row. F2 renames what was added here";

        // Sessions.
        sessions = "会话", "Sessions";
        search_sessions = "姓名、用户名、地址", "Name, username, address";
        kind = "类型", "Kind";
        kind_browser = "浏览器", "Browser";
        kind_api = "接口", "API";
        last_seen = "最近活动", "Last seen";
        since = "登录时间", "Since";
        ends = "到期", "Ends";
        this_session = "当前会话", "This session";
        live_now = "实时更新", "Updated as it happens";
        live_paused = "更新已暂停", "Updates paused";
        copy_session_id = "复制会话编号", "Copy the session ID";
        no_sessions = "没有在线会话", "Nobody is signed in";
        no_sessions_text = "有人登录后会出现在这里", "Whoever signs in appears here";
        of_everybody = "显示所有人的会话", "Show everybody's";
        only_this_user = "只看此用户", "Only this user";
        end_session = "结束会话", "End session";
        end_all_of_user = "结束全部会话", "End all sessions";
        end_selected = "结束所选会话", "End selected sessions";
        end_sessions_text = "会话会立即结束，对方需要重新登录", "They end at once; whoever used them has to sign in again";
        own_session_ends = "其中有你当前的会话：你将需要重新登录", "Your own present session is among them: you will have to sign in again";
        own_session_stays = "你当前的会话会保留，其他会话会立即结束", "Your present session stays; the others end at once";

        // The logs.
        today = "今天", "Today";
        seven_days = "最近 7 天", "Last 7 days";
        thirty_days = "最近 30 天", "Last 30 days";
        first_day = "从", "From";
        last_day_of_span = "到", "To";
        export_csv = "导出 CSV", "Export CSV";
        method = "方式", "Method";
        search_names = "用户名", "Username";
        search_actions = "操作人、对象", "Who did it, or the target";
        nobody_known = "未知", "Unknown";
        only_from_here = "只看来自此地址的记录", "Only from this address";
        not_genuine = "记录被改动过", "Entry was altered";
        no_sign_ins = "还没有登录记录", "No sign-ins yet";
        no_sign_ins_text = "每次登录，无论成败，都会记在这里", "Every sign-in is recorded here, successful or not";

        // The permission catalogue.
        edit_permission = "编辑权限", "Edit permission";
        new_permission = "新建权限", "New permission";
        create_permission = "创建权限", "Create permission";
        permission = "权限", "Permission";
        permission_code = "标识", "Code";
        permission_code_hint = "三段，如 shop:order:list", "Three segments, such as shop:order:list";
        new_permission_text = "供使用 Menshen 的其他服务声明自己的权限。新建不会把它授予任何人", "For the services that use Menshen. Adding a code gives it to nobody";
        search_permissions = "名称、标识、接口", "Name, code, route";
        origin = "来源", "Origin";
        own_codes = "自定义", "Added here";
        area_system = "系统", "System";
        area_monitor = "监控", "Monitoring";
        name_zh = "中文名称", "Chinese name";
        name_en = "英文名称", "English name";
        name_en_hint = "留空则与中文名称相同", "Left empty, it is the same as the Chinese one";
        description = "说明", "Description";
        guards = "保护的接口", "Guards";
        guards_nothing = "Menshen 自身不使用它，由使用它的服务查询", "Menshen itself does not ask for it; the services that use it do";
        rest_routes = "REST 接口", "REST routes";
        server_functions = "管理界面的操作", "Operations of this admin UI";
        granted_by = "授予它的角色", "Roles that grant it";
        granted_itself = "直接授予", "by the code itself";
        granted_through = "通过", "through";
        no_role_grants = "没有角色", "No role";
        builtin_code_text = "内置权限由 Menshen 自身使用，不能修改或删除", "Menshen itself asks for this code, so it can't be changed or deleted";
        delete_permission_free = "没有角色直接授予它；包含它的通配不受影响。删除后不能恢复", "No role grants exactly this code; wildcards that cover it stay. It can't be brought back";
        delete_permission_button = "删除权限", "Delete permission";

        // Menus.
        menus = "菜单", "Menus";
        edit_menu = "编辑菜单", "Edit menu";
        new_menu = "新建菜单", "New menu";
        create_menu = "创建菜单", "Create menu";
        menu = "菜单", "Menu";
        search_menus = "名称、路径、权限", "Name, path, permission";
        no_menus = "还没有菜单", "No menus yet";
        no_menus_text = "菜单告诉前端向谁显示什么；新建目录，再在其中放页面和按钮", "Menus tell front ends what to show to whom. Create a directory, then pages and buttons in it";
        menu_type = "类型", "Type";
        menu_type_hint = "按钮下不能再有菜单", "Nothing can stand below a button";
        path = "路径", "Path";
        path_hint = "前端路由，或 http(s) 地址", "A route of the front end, or an http(s) address";
        component = "组件名", "Component";
        icon = "图标", "Icon";
        menu_permission_hint = "没有它就不显示；可以含 *，留空则不限", "People without it are not shown the menu. May contain *; leave empty for everybody";
        in_menus = "显示", "In menus";
        shown_menu = "显示", "Shown";
        hidden_menu = "隐藏", "Hidden";
        start_disabled_menu = "先停用，暂不显示", "Start disabled: shown to nobody yet";
        as_seen_by = "按角色预览", "As seen by";
        not_shown = "看不到", "not shown";
        delete_menu_text = "关联它的角色将不再关联它。删除后不能恢复", "It is removed from the roles that are linked to it. It can't be brought back";
        delete_menu_button = "删除菜单", "Delete menu";
        role_menus_hint = "勾选的菜单向拥有该角色的人显示，上级目录会自动显示", "Whoever holds the role is shown these; the directories above them show by themselves";

        // Operations.
        operations = "操作记录", "Operations";
        operation = "操作详情", "Operation";
        no_operations = "还没有操作记录", "No operations yet";
        no_operations_text = "每次修改都会记在这里", "Every change is recorded here";
        area = "类别", "Area";
        what = "操作", "What";
        who = "操作人", "Who";
        target = "对象", "Target";
        action = "动作", "Action";
        session = "会话", "Session";
        refused = "被拒绝", "Refused";
        changes = "变更", "Changes";
        changed = "修改", "changed";
        nothing_changed = "没有字段变化", "No field changed";

        // Settings.
        settings = "设置", "Settings";
        sign_in_methods = "登录方式", "Sign-in methods";
        settings_text = "保存后立即在所有节点生效，无需重启", "In force on every node as soon as they are saved, without a restart";
        sign_in_methods_text = "除用户名和密码外，还可以怎样登录", "How people sign in besides name and password";
        protection = "防护", "Protection";
        sessions_and_tokens = "会话与令牌", "Sessions and tokens";
        program_settings = "程序配置", "Configuration of the program";
        read_only = "只读", "Read only";
        not_in_force = "未生效", "Not in force";
        on = "开启", "On";
        off = "关闭", "Off";
        chosen = "使用中", "In use";
        settings_at_once = "保存后立即在所有节点生效", "In force on every node once saved";
        settings_fixed = "这些设置来自配置文件、环境变量或启动参数，只能在那里修改，重启后生效", "These come from the configuration: a file, the environment or flags. Change them there; they need a restart";
        settings_no_permission = "你可以查看，但没有修改设置的权限", "You may see these settings, but not change them";
        set_by = "已固定，设定于", "Pinned, set by";
        from_configuration = "只能在配置中修改，重启后生效", "From the configuration alone; needs a restart";
        is_set = "已设置", "Set";
        not_set = "未设置", "Not set";
        secret_replace = "留空则不变，填写则替换", "Leave empty to keep it; type to replace it";
        secret_none = "保存后不再显示", "Never shown again once saved";
        secret_lost = "已保存的值无法解密：它是用另一个主密钥加密的。请重新填写，或移除", "What was saved can't be decrypted: it was encrypted with another master key. Type it again, or remove it";
        unreadable = "无法读取", "Unreadable";
        remove_secret = "移除已保存的值", "Remove the saved value";
        default_value = "默认", "Default";
        reset_to_default = "恢复默认", "Reset to default";
        try_out = "测试", "Try it out";
        try_out_sms = "按已保存的设置发送一条短信，其中的验证码没有任何用途", "Sends a message by the saved settings. The code in it opens nothing";
        try_out_vendor = "用已保存的凭据询问供应商，不涉及任何用户", "Asks the vendor whether the saved credentials are good. Nobody signs in";
        send_test = "发送测试短信", "Send a test message";
        check_credentials = "检查凭据", "Check the credentials";

        // Keys.
        keys = "签名密钥", "Signing keys";
        next_rotation = "下次自动轮换", "Next automatic rotation";
        rotate_key = "轮换密钥", "Rotate the key";
        rotate_key_question = "轮换签名密钥？", "Rotate the signing key?";
        rotate_key_text = "立即公布一个新密钥，一小时后由它签名。现有密钥签名的令牌在到期前仍然有效，没有人会退出登录", "A new key is published now and signs after an hour. What the present one signed is accepted to its end, and nobody is signed out";
        key_id = "编号（kid）", "Key ID (kid)";
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
        my_account_text = "资料、密码和登录安全", "Profile, password and how you sign in";
        own_username_hint = "用户名由管理员修改", "Only an administrator can change it";
        proved_hint = "已验证；修改后需要重新验证", "Verified. A new one starts unverified";
        avatar = "头像", "Picture";
        avatar_saved = "头像已更换", "Picture saved";
        avatar_removed = "头像已移除", "Picture removed";
        choose_picture = "选择图片，或拖到这里", "Choose a picture, or drop one here";
        save_avatar = "保存头像", "Save picture";
        remove_avatar = "移除头像", "Remove picture";
        set_password = "设置密码", "Set a password";
        set_password_text = "你的账号还没有密码。设置后可以用用户名和密码登录，也能开启两步验证", "Your account has no password yet. With one you can sign in by name, and turn on two-step verification";
        turned_on = "已开启", "On";
        turned_off = "未开启", "Off";
        otp_text = "登录时除了密码，还要输入手机应用中的 6 位验证码。别人知道了密码也登录不了", "At sign-in you enter 6 digits from an app, as well as your password. Whoever learns the password alone can't get in";
        otp_needs_password = "开启两步验证前，请先设置密码", "Set a password first";
        otp_begin = "开始设置", "Set up";
        otp_set_up = "设置两步验证", "Set up two-step verification";
        otp_scan = "用身份验证器应用扫码", "Scan this with your authenticator app";
        otp_apps = "任何支持 TOTP 的应用都可以，如 Microsoft Authenticator、Google Authenticator、1Password", "Any app that speaks TOTP will do: Google Authenticator, Microsoft Authenticator, 1Password and others";
        otp_qr = "设置身份验证器的二维码", "QR code for the authenticator app";
        otp_by_hand = "不能扫码？在应用中手动输入这个密钥：", "Can't scan it? Type this key into the app:";
        otp_then_code = "输入应用显示的验证码", "Enter the code that the app shows";
        otp_first_code = "6 位数字，每 30 秒更新", "6 digits, new ones every 30 seconds";
        otp_turn_on = "开启两步验证", "Turn on";
        otp_turn_off = "关闭两步验证", "Turn off two-step verification";
        otp_turn_off_text = "之后登录只需要密码，恢复码一并作废", "Your password alone will let you in, and the recovery codes stop working";
        otp_turned_off = "两步验证已关闭", "Two-step verification is off";
        otp_since = "开启时间", "On since";
        end_others_too = "同时结束我的其他会话", "End my other sessions too";
        recovery_codes = "恢复码", "Recovery codes";
        recovery_left = "剩余恢复码", "Recovery codes left";
        recovery_few = "恢复码快用完了，请重新生成", "Few recovery codes are left. Make new ones";
        recovery_text = "手机不在身边时，每个恢复码可以代替验证码用一次。它们只显示这一次，请妥善保存", "When your phone is out of reach, each of these works once instead of a code. They are shown this once: keep them safe";
        recovery_renew = "重新生成恢复码", "Make new recovery codes";
        recovery_renew_text = "旧的恢复码会立即作废", "The old ones stop working at once";
        recovery_kept = "我已保存", "I have kept them";
        download = "下载", "Download";
        print = "打印", "Print";
        passkeys = "通行密钥", "Passkeys";
        passkeys_text = "用设备的指纹、面容或 PIN 登录，不用密码和验证码", "Sign in with your device's fingerprint, face or PIN instead of password and code";
        no_passkeys = "还没有通行密钥", "No passkeys yet";
        passkey_add = "添加通行密钥", "Add a passkey";
        passkey_name = "名称", "Name";
        passkey_name_hint = "方便辨认，如“我的手机”", "To tell it from others, such as “My phone”";
        passkey_added_at = "添加于", "Added";
        passkey_used_at = "最近使用", "Last used";
        passkey_remove = "删除通行密钥", "Remove the passkey";
        passkey_removed = "通行密钥已删除", "Passkey removed";
        passkey_needs_password = "添加通行密钥前，请先设置密码", "Set a password before you add a passkey";
        passkey_needs_scripts = "添加通行密钥需要启用 JavaScript", "Adding a passkey needs JavaScript";
        passkey_not_here = "这个浏览器或地址不支持通行密钥", "This browser, or this address, can't use passkeys";
        my_sessions = "我的会话", "My sessions";
        my_sessions_text = "你的账号正在这些地方登录。不认识的请结束，并修改密码", "Where your account is signed in. End what you don't recognise, and change your password";
        signed_in_at = "登录时间", "Signed in";
        own_session_ended = "会话已结束", "Session ended";
        end_own_session_question = "结束这个会话？", "End this session?";
        end_others = "结束其他会话", "End all others";
        end_others_text = "它们会立即退出登录，当前会话不受影响", "They are signed out at once. This one stays";
        some_browser = "浏览器", "A browser";
        some_program = "程序", "A program";
        by_browser = "网页", "Admin UI";
        by_api = "接口", "API";
        look_section = "语言和外观", "Language and theme";
        look_text = "只保存在这个浏览器中", "Kept in this browser only";
        language = "语言", "Language";

        // Importing users.
        import_users = "导入用户", "Import users";
        import_text = "先检查文件，确认后才会创建用户", "The file is checked first; nothing is created before you confirm";
        import_file = "CSV 文件", "CSV file";
        import_file_hint = "选择文件或拖到此处；UTF-8 编码，最多 1000 行", "Choose a file or drop it here. UTF-8, at most 1,000 lines";
        check_file = "检查文件", "Check the file";
        template = "下载模板", "Download template";
        import_mend = "改好后重新选择文件并检查，或只导入没有问题的行", "Correct them and check the file again, or import only the lines without problems";
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
        column_password = "初始密码；留空则生成一次性密码", "The first password; left empty, a one-time password is generated";
        column_phone = "手机号，5–20 位数字", "A phone number, 5 to 20 digits";
        column_email = "邮箱", "An e-mail address";
        column_sex = "0 男，1 女，2 未填写", "0 male, 1 female, 2 not specified";
        column_status = "0 正常，1 停用；留空为正常", "0 active, 1 disabled; left empty, active";
        column_dept = "从最上级开始的部门名，用 / 分隔；也可用 deptId 或 deptName", "The departments' names from the top, separated by /; or use deptId or deptName instead";
        column_roles = "角色标识，用 ; 分隔", "Keys of roles, separated by ;";
        column_remark = "备注", "A note";

        // The components.
        components = "组件", "Components";
    }
    with {
        // Ways in and the own account.
        passkey_added(name: &str) = format!("已添加通行密钥 {name}"), format!("Added the passkey {name}");
        passkey_renamed(name: &str) = format!("通行密钥已改名为 {name}"), format!("The passkey is called {name} now");
        passkey_remove_text(name: &str) = format!("删除 {name} 后，不能再用它登录"), format!("You can't sign in with {name} any more");
        code_sent(phone: &str) = format!("验证码已发送到 {phone}"), format!("A code is on its way to {phone}");
        send_again_in(seconds: u32) = format!("{seconds} 秒后可重新获取"), format!("Another code in {seconds} s");
        picture_kinds(max: &str) = format!("PNG、JPEG、WebP 或 GIF，不超过 {max}"), format!("PNG, JPEG, WebP or GIF, up to {max}");
        recovery_of(name: &str) = format!("Menshen 恢复码：{name}"), format!("Menshen recovery codes of {name}");
        profile_saved(what: &str) =
            if what.is_empty() { "资料已保存，没有变化".to_owned() } else { format!("资料已保存：{what}") },
            if what.is_empty() { "Profile saved: no changes".to_owned() } else { format!("Profile saved: {what}") };
        end_own_session(client: &str) = format!("结束会话：{client}"), format!("End the session: {client}");
        other_sessions_ended(n: &str) = format!("已结束 {n} 个会话"), if n == "1" { "Ended 1 session".to_owned() } else { format!("Ended {n} sessions") };
        end_others_question(n: usize) = format!("结束其他 {n} 个会话？"), if n == 1 { "End the other session?".to_owned() } else { format!("End {n} other sessions?") };
        password_rule(min: usize) = format!("{min}–128 个字符，可用空格、中文和短语；常见密码会被拒绝"),
            format!("{min} to 128 characters, any kind: a phrase works well. Common passwords are refused");
        copy_it(text: &str) = format!("复制 {text}"), format!("Copy {text}");
        copied_it(text: &str) = format!("已复制 {text}"), format!("Copied {text}");
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
        date(year: i64, month: i64, day: i64) = format!("{year}年{month}月{day}日"),
            format!("{day} {} {year}", month_en(month));
        short_date(month: i64, day: i64) = format!("{month}/{day}"), format!("{day} {}", month_en(month));
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
        picked(n: usize) = format!("已选 {n} 个"), format!("{n} selected");
        names(list: &[&str]) = list.join("、"), list.join(", ");
        and_more_people(names: &str, n: usize) = format!("{names} 等，另有 {n} 个用户"), format!("{names} and {n} more");
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
        disable_user_text(sessions: Option<i64>) =
            format!("{}。启用之前不能登录", sessions_end_zh(sessions)),
            format!("{}. They can't sign in until you enable them again", sessions_end_en(sessions));
        delete_user_text(sessions: Option<i64>) =
            format!("{}。该用户会从列表中移除，用户名不能再登录", sessions_end_zh(sessions)),
            format!("{}. They leave every list, and the name can't sign in any more", sessions_end_en(sessions));
        reset_password_text(sessions: Option<i64>) =
            format!("原密码会立即失效。{}。系统会生成一个只显示一次的一次性密码", sessions_end_zh(sessions)),
            format!("The present password stops working. {}. You are shown a one-time password, once", sessions_end_en(sessions));
        reset_passkeys_text(sessions: Option<i64>) =
            format!("所有通行密钥立即失效。{}。之后用密码登录，并可重新添加", sessions_end_zh(sessions)),
            format!("All of their passkeys stop working. {}. They sign in with the password then, and may add new ones", sessions_end_en(sessions));
        reset_otp_text(sessions: Option<i64>) =
            format!("验证器和恢复码立即失效。{}。之后只凭密码登录，请先确认对方身份", sessions_end_zh(sessions)),
            format!("The app and the recovery codes stop working. {}. The password alone signs them in then, so first make sure who is asking", sessions_end_en(sessions));
        signed_out_everywhere(sessions: Option<i64>) =
            format!("{}。在所有设备上都会退出登录", sessions_end_zh(sessions)),
            format!("{}. They are signed out everywhere", sessions_end_en(sessions));
        enable_users(n: i64) = format!("启用 {n} 个用户？"), format!("Enable {}?", users_en(n));
        disable_users(n: i64) = format!("停用 {n} 个用户？"), format!("Disable {}?", users_en(n));
        give_role_to(n: i64) = format!("给 {n} 个用户授予角色"), format!("Assign a role to {}", users_en(n));
        take_role_from(n: i64) = format!("从 {n} 个用户收回角色"), format!("Remove a role from {}", users_en(n));
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
        role_given(n: i64) = format!("已给 {n} 个用户授予角色"), format!("Assigned the role to {}", users_en(n));
        role_taken(n: i64) = format!("已从 {n} 个用户收回角色"), format!("Removed the role from {}", users_en(n));
        users_deleted(n: i64) = format!("已删除 {n} 个用户"), format!("Deleted {}", users_en(n));
        reset_passkeys_of(name: &str) = format!("清除 {name} 的通行密钥？"), format!("Remove the passkeys of {name}?");
        passkeys_reset(name: &str) = format!("已清除 {name} 的通行密钥"), format!("Removed the passkeys of {name}");
        reset_otp_of(name: &str) = format!("重置 {name} 的两步验证？"), format!("Reset the two-step verification of {name}?");
        otp_reset(name: &str) = format!("已重置 {name} 的两步验证"), format!("Reset the two-step verification of {name}");
        end_sessions_of(name: &str) = format!("结束 {name} 的全部会话？"), format!("End all sessions of {name}?");
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
        palette_theme(name: &str) = format!("主题：{name}"), format!("Theme: {name}");
        palette_found(n: usize) = format!("{n} 项"),
            n_en(i64::try_from(n).unwrap_or(0), &n.to_string(), "entry", "entries");
        remove_filter(label: &str) = format!("移除筛选：{label}"), format!("Remove filter: {label}");
        actions_for(name: &str) = format!("操作：{name}"), format!("Actions for {name}");
        departments_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个部门") },
            n_en(n, count, "department", "departments");
        menus_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个菜单") },
            n_en(n, count, "menu", "menus");
        permissions_total(n: usize, own: usize) = format!("共 {n} 项，其中自定义 {own} 项"),
            format!("{n} permissions, {own} of them added here");
        dept_created(name: &str) = format!("已创建部门 {name}"), format!("Created the department {name}");
        menu_created(name: &str) = format!("已创建菜单 {name}"), format!("Created the menu {name}");
        permission_created(code: &str) = format!("已创建权限 {code}"), format!("Created the permission {code}");
        saved_of(name: &str) = format!("已保存 {name}"), format!("Saved {name}");
        deleted_of(name: &str) = format!("已删除 {name}"), format!("Deleted {name}");
        renamed(name: &str) = format!("已改名为 {name}"), format!("Renamed to {name}");
        moved(name: &str) = format!("已移动 {name}"), format!("Moved {name}");
        moved_to(name: &str, above: &str, nth: usize, total: usize) =
            format!("已移动 {name}：{above}，第 {nth} / {total} 位"),
            format!("Moved {name}: {nth} of {total} in {above}");
        dept_status(status: Status, name: &str) = match status {
            Status::Active => format!("已启用部门 {name}"),
            Status::Disabled => format!("已停用部门 {name}，不能再选给用户"),
        }, match status {
            Status::Active => format!("Enabled the department {name}"),
            Status::Disabled => format!("Disabled the department {name}. It can't be chosen for users now"),
        };
        menu_status(status: Status, name: &str) = match status {
            Status::Active => format!("已启用菜单 {name}"),
            Status::Disabled => format!("已停用菜单 {name}，不再显示"),
        }, match status {
            Status::Active => format!("Enabled the menu {name}"),
            Status::Disabled => format!("Disabled the menu {name}. Nobody is shown it now"),
        };
        disable_of(name: &str) = format!("停用 {name}？"), format!("Disable {name}?");
        delete_of(name: &str) = format!("删除 {name}？"), format!("Delete {name}?");
        cannot_delete(name: &str) = format!("还不能删除 {name}"), format!("{name} can't be deleted yet");
        move_of(name: &str) = format!("移动 {name}"), format!("Move {name}");
        before(name: &str) = format!("在 {name} 之前"), format!("Before {name}");
        below_of(name: &str) = format!("{name} 的下级"), format!("Below {name}");
        all_below(name: &str) = format!("{name} 及所有下级"), format!("{name} and all below");
        new_name_of(name: &str) = format!("{name} 的新名称"), format!("New name of {name}");
        and_more(n: usize) = format!("等 {} 项", n + 1), format!("+{n} more");
        disable_dept_text(users: i64) = if users == 0 {
            "停用后不能再选给用户；已有的数据范围和下级部门不受影响".to_owned()
        } else {
            format!("停用后不能再选给用户；其中的 {users} 个用户仍在其中，照常登录，下级部门不受影响")
        }, if users == 0 {
            "It can't be chosen for users any more. Data scopes and the departments below stay as they are".to_owned()
        } else {
            format!("It can't be chosen for users any more. {} in it and may sign in as before; the departments below stay as they are",
                n_en(users, &users.to_string(), "person stays", "people stay"))
        };
        dept_in_use(below: usize, users: i64) =
            format!("它还有 {below} 个下级部门、{users} 个用户。先把它们移走，再删除"),
            format!("Departments right below it: {below}; users in it: {users}. Move them elsewhere first");
        disable_menu_text(below: usize) = if below == 0 {
            "启用之前不向任何人显示".to_owned()
        } else {
            format!("它和其下的菜单（直接下级 {below} 个）在启用之前不向任何人显示")
        }, if below == 0 {
            "Nobody is shown it until you enable it again".to_owned()
        } else {
            format!("Nobody is shown it and what is below it ({below} right below) until you enable it again")
        };
        menu_in_use(below: usize) = format!("它还有 {below} 个下级菜单。先移走或删除它们"),
            format!("Menus right below it: {below}. Move or delete them first");
        menu_kind(kind: MenuKind) = match kind {
            MenuKind::Dir => "目录",
            MenuKind::Page => "页面",
            MenuKind::Button => "按钮",
        }, match kind {
            MenuKind::Dir => "Directory",
            MenuKind::Page => "Page",
            MenuKind::Button => "Button",
        };
        role_sees(n: usize, all: usize) = format!("只拥有该角色的人能看到 {all} 个菜单中的 {n} 个；其余的变淡显示"),
            format!("Whoever holds this role alone is shown {n} of {all} menus. The others are dimmed");
        delete_permission_held(roles: i64) =
            format!("还有 {roles} 个角色直接授予它，它们的用户会立即失去它；包含它的通配不受影响。删除后不能恢复"),
            format!("{} exactly this code, and whoever holds it by them loses it at once; wildcards that cover it stay. It can't be brought back",
                n_en(roles, &roles.to_string(), "role grants", "roles grant"));
        comma() = "、", ", ";
        colon() = "：", ": ";
        in_time(minutes: i64) = match minutes {
            ..=0 => "已到期".to_owned(),
            1..60 => format!("{minutes} 分钟后"),
            60..1440 => format!("{} 小时后", minutes / 60),
            _ => format!("{} 天后", minutes / 1440),
        }, match minutes {
            ..=0 => "ended".to_owned(),
            1..60 => format!("in {}", n_en(minutes, &minutes.to_string(), "minute", "minutes")),
            60..1440 => format!("in {}", n_en(minutes / 60, &(minutes / 60).to_string(), "hour", "hours")),
            _ => format!("in {}", n_en(minutes / 1440, &(minutes / 1440).to_string(), "day", "days")),
        };
        week_ago(n: &str) = format!("上周此时 {n}"), format!("vs {n} at this time last week");
        day_told(day: &str, good: &str, bad: &str) = format!("{day}：成功 {good}，失败 {bad}"),
            format!("{day}: {good} succeeded, {bad} failed");
        days_told(good: &str, bad: &str) = format!("14 天内成功 {good} 次，失败 {bad} 次"),
            format!("In 14 days {good} succeeded and {bad} failed");
        wide_roles(n: i64) = format!("除内置角色外，有 {n} 个角色拥有全部权限"),
            format!("{} everything besides the built-in one",
                n_en(n, &n.to_string(), "role grants", "roles grant"));
        wide_without_factor(n: i64) = format!("{n} 个拥有全部权限的用户未启用两步验证"),
            format!("{} without two-step verification may do everything",
                n_en(n, &n.to_string(), "person", "people"));
        passwords_due(n: i64) = format!("{n} 个一次性密码尚未修改"),
            format!("{} not changed yet",
                n_en(n, &n.to_string(), "one-time password was", "one-time passwords were"));
        accounts_wait(n: i64) = format!("{n} 个账号因失败次数过多被暂时锁定"),
            format!("{} locked after too many failures",
                n_en(n, &n.to_string(), "account is", "accounts are"));
        disabled_held(n: i64) = format!("{n} 个已停用的角色仍有用户"),
            format!("{} still held by somebody",
                n_en(n, &n.to_string(), "disabled role is", "disabled roles are"));
        key_due(days: i64) = if days <= 0 { "签名密钥早应轮换，但尚未轮换".to_owned() }
            else { format!("签名密钥将在 {days} 天后自动轮换") },
            if days <= 0 { "The signing key should have been rotated by now".to_owned() }
            else { format!("The signing key is rotated in {}",
                n_en(days, &days.to_string(), "day", "days")) };
        entries_found(n: i64, count: &str) = { let _ = n; format!("{count} 条记录") },
            n_en(n, count, "entry", "entries");
        unchanged(n: usize) = format!("{n} 个字段未变"),
            n_en(i64::try_from(n).unwrap_or(0), &n.to_string(), "field unchanged", "fields unchanged");
        items_kept(n: usize) = format!("另有 {n} 项未变"), format!("{n} more unchanged");
        sessions_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个会话") },
            n_en(n, count, "session", "sessions");
        sessions_shown(shown: &str, all: &str) = format!("这里是最近活动的 {shown} 个，共 {all} 个。"),
            format!("The {shown} seen last, of {all}.");
        session_ended(name: &str) = format!("已结束 {name} 的会话"), format!("Ended a session of {name}");
        sessions_ended(n: i64) = format!("已结束 {n} 个会话"),
            format!("Ended {}", n_en(n, &n.to_string(), "session", "sessions"));
        sessions_of_ended(n: i64, name: &str) = format!("已结束 {name} 的 {n} 个会话"),
            format!("Ended {} of {name}", n_en(n, &n.to_string(), "session", "sessions"));
        end_session_of(name: &str) = format!("结束 {name} 的会话？"), format!("End this session of {name}?");
        end_session_text(client: &str, ip: &str) = format!("{client}，来自 {ip}。会话会立即结束，不能撤销"),
            format!("{client}, from {ip}. It ends at once, and that can't be undone");
        end_sessions_question(n: i64) = format!("结束 {n} 个会话？"),
            format!("End {}?", n_en(n, &n.to_string(), "session", "sessions"));
        end_all_of(n: i64, name: &str) = format!("结束 {name} 的 {n} 个会话？"),
            format!("End {} of {name}?", n_en(n, &n.to_string(), "session", "sessions"));
        select_session(name: &str, ip: &str) = format!("选择 {name} 来自 {ip} 的会话"),
            format!("Select the session of {name} from {ip}");
        of_them_disabled(n: &str) = format!("其中 {n} 个已停用"), format!("{n} of them disabled");
        users_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个用户") }, n_en(n, count, "user", "users");
        users_found(n: i64, count: &str) = { let _ = n; format!("找到 {count} 个用户") },
            format!("{} found", n_en(n, count, "user", "users"));
        user_created(name: &str) = format!("已创建用户 {name}"), format!("Created {name}");
        user_saved(name: &str, what: &str) =
            if what.is_empty() { format!("已保存用户 {name}，没有变化") }
            else { format!("已保存用户 {name}：{what}") },
            if what.is_empty() { format!("Saved the user {name}: no changes") }
            else { format!("Saved the user {name}: {what}") };
        user_deleted(name: &str) = format!("已删除用户 {name}"), format!("Deleted {name}");
        user_status(status: Status, name: &str) = match status {
            Status::Active => format!("已启用 {name}"),
            Status::Disabled => format!("已停用 {name}，会话已结束"),
        }, match status {
            Status::Active => format!("Enabled {name}"),
            Status::Disabled => format!("Disabled {name}. Their sessions have ended"),
        };
        roles_saved(name: &str, added: usize, removed: usize) =
            if added + removed == 0 { format!("{name} 的角色没有变化") }
            else { format!("已保存 {name} 的角色{}", plus_minus(added, removed)) },
            if added + removed == 0 { format!("The roles of {name} are what they were") }
            else { format!("Saved the roles of {name}:{}", plus_minus(added, removed)) };
        disable_user(name: &str) = format!("停用 {name}？"), format!("Disable {name}?");
        delete_user(name: &str) = format!("删除 {name}？"), format!("Delete {name}?");
        reset_password_of(name: &str) = format!("重置 {name} 的密码？"), format!("Reset the password of {name}?");
        new_secret(name: &str) = format!("{name} 的一次性密码："), format!("The one-time password of {name}:");
        roles_total(n: i64, count: &str) = { let _ = n; format!("共 {count} 个角色") },
            n_en(n, count, "role", "roles");
        roles_found(n: i64, count: &str) = { let _ = n; format!("找到 {count} 个角色") },
            format!("{} found", n_en(n, count, "role", "roles"));
        role_created(name: &str) = format!("已创建角色 {name}"), format!("Created the role {name}");
        role_saved(name: &str, what: &str) =
            if what.is_empty() { format!("已保存角色 {name}，没有变化") }
            else { format!("已保存角色 {name}：{what}") },
            if what.is_empty() { format!("Saved the role {name}: no changes") }
            else { format!("Saved the role {name}: {what}") };
        permissions_saved(added: usize, removed: usize) = format!("权限{}", plus_minus(added, removed)),
            format!("Permissions{}", plus_minus(added, removed));
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
        copy_of(name: &str) = format!("{name} 副本"), format!("Copy of {name}");
        gain_it(n: i64, count: &str) = if n == 0 { "没有用户因此获得".to_owned() } else { format!("{count} 个用户将获得") },
            if n == 0 { "nobody gains it".to_owned() } else { n_en(n, count, "person gains it", "people gain it") };
        lose_it(n: i64, count: &str) = if n == 0 { "没有用户因此失去".to_owned() } else { format!("{count} 个用户将失去") },
            if n == 0 { "nobody loses it".to_owned() } else { n_en(n, count, "person loses it", "people lose it") };
        have_already(count: &str, through: &str) = format!("{count} 个已由 {through} 拥有"),
            format!("{count} already through {through}");
        keep_through(count: &str, through: &str) = format!("{count} 个仍由 {through} 保有"),
            format!("{count} still through {through}");
        more_permissions(n: usize) = format!("另有 {n} 项权限"),
            format!("and {}", n_en(i64::try_from(n).unwrap_or(0), &n.to_string(), "more permission", "more permissions"));
        changes_n(n: i64) = format!("{n} 项修改"), n_en(n, &n.to_string(), "change", "changes");
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
