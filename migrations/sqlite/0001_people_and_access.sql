-- Who there is and what they may do.
-- Times are microseconds since 1970 (UTC), flags are 0 or 1, ids are 64-bit integers.

CREATE TABLE dept (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id BIGINT REFERENCES dept (id),
    -- The ids from the root down to this one, as in '0,1,4': what is below is found by prefix.
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    sort BIGINT NOT NULL DEFAULT 0,
    leader TEXT,
    phone TEXT,
    email TEXT,
    status TEXT NOT NULL DEFAULT '0' CHECK (status IN ('0', '1')),
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT
);
CREATE INDEX dept_parent ON dept (parent_id);
CREATE INDEX dept_path ON dept (path);

CREATE TABLE user_account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    -- The name in lower case: what uniqueness and login go by.
    username_key TEXT NOT NULL,
    user_code TEXT NOT NULL,
    nickname TEXT NOT NULL DEFAULT '',
    -- A PHC string; none for an account that signs in by other ways alone.
    password_hash TEXT,
    password_changed_at BIGINT,
    must_change_password BIGINT NOT NULL DEFAULT 0,
    avatar TEXT NOT NULL DEFAULT '',
    phone TEXT,
    phone_verified BIGINT NOT NULL DEFAULT 0,
    email TEXT,
    email_key TEXT,
    email_verified BIGINT NOT NULL DEFAULT 0,
    sex TEXT NOT NULL DEFAULT '2' CHECK (sex IN ('0', '1', '2')),
    status TEXT NOT NULL DEFAULT '0' CHECK (status IN ('0', '1')),
    user_type TEXT NOT NULL DEFAULT 'user',
    dept_id BIGINT REFERENCES dept (id),
    remark TEXT,
    login_ip TEXT,
    login_at BIGINT,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX user_account_username_key ON user_account (username_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX user_account_user_code ON user_account (user_code);
CREATE UNIQUE INDEX user_account_phone_verified ON user_account (phone) WHERE phone_verified = 1 AND deleted_at IS NULL;
CREATE UNIQUE INDEX user_account_email_verified ON user_account (email_key) WHERE email_verified = 1 AND deleted_at IS NULL;
CREATE INDEX user_account_phone ON user_account (phone);
CREATE INDEX user_account_email ON user_account (email_key);
CREATE INDEX user_account_dept ON user_account (dept_id);
CREATE INDEX user_account_login_at ON user_account (login_at);

CREATE TABLE role (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    role_key TEXT NOT NULL,
    sort BIGINT NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '0' CHECK (status IN ('0', '1')),
    data_scope TEXT NOT NULL DEFAULT '1' CHECK (data_scope IN ('1', '2', '3', '4', '5')),
    builtin BIGINT NOT NULL DEFAULT 0,
    remark TEXT,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT
);
CREATE UNIQUE INDEX role_role_key ON role (role_key);
CREATE INDEX role_sort ON role (sort, id);

CREATE TABLE permission (
    code TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT
);

CREATE TABLE menu (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id BIGINT REFERENCES menu (id),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    -- 'dir', 'page' or 'button'.
    kind TEXT NOT NULL DEFAULT 'page' CHECK (kind IN ('dir', 'page', 'button')),
    path TEXT NOT NULL DEFAULT '',
    component TEXT NOT NULL DEFAULT '',
    icon TEXT NOT NULL DEFAULT '',
    permission TEXT,
    sort BIGINT NOT NULL DEFAULT 0,
    visible BIGINT NOT NULL DEFAULT 1,
    status TEXT NOT NULL DEFAULT '0' CHECK (status IN ('0', '1')),
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    updated_by BIGINT,
    updated_at BIGINT
);
CREATE INDEX menu_parent ON menu (parent_id);

CREATE TABLE role_permission (
    role_id BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    pattern TEXT NOT NULL,
    PRIMARY KEY (role_id, pattern)
);

CREATE TABLE role_menu (
    role_id BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    menu_id BIGINT NOT NULL REFERENCES menu (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, menu_id)
);
CREATE INDEX role_menu_menu ON role_menu (menu_id);

CREATE TABLE role_dept (
    role_id BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    dept_id BIGINT NOT NULL REFERENCES dept (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, dept_id)
);
CREATE INDEX role_dept_dept ON role_dept (dept_id);

CREATE TABLE user_role (
    user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_role_role ON user_role (role_id);

-- Role 1, key `admin`, may do everything.
INSERT INTO role (name, role_key, sort, builtin, remark, created_at)
VALUES ('管理员', 'admin', 1, 1, '超级管理员', CAST(strftime('%s', 'now') AS INTEGER) * 1000000);
INSERT INTO role_permission (role_id, pattern) SELECT id, '*:*:*' FROM role WHERE role_key = 'admin';
