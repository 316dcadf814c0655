"""What schemathesis must know about Menshen beyond the OpenAPI document.

A schema says what is well-formed. It can't say which ids and codes exist, which names are taken,
which password is the right one, or which call ends the session that the next call needs. That is
told here; no check is switched off.
"""

import base64
import itertools
import json
import os
import struct
import zlib

import requests
import schemathesis

URL = os.environ["MENSHEN_URL"]
ADMIN = os.environ["MENSHEN_ADMIN_USERNAME"]
PASSWORD = os.environ["MENSHEN_ADMIN_PASSWORD"]
NEW_PASSWORD = "staple battery correct"

# Operations after which the caller's session, password or factors are others than before. Each
# call of them is made by a user of its own.
OWN_USER = r"logout|session|password|otp|passkey|factor"

numbers = itertools.count(1)
turns = itertools.count(1)


def login(username):
    answer = requests.post(f"{URL}/auth/login", json={"username": username, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()["accessToken"], answer.headers["X-Refresh-Token"]


def call(method, path, token, body):
    answer = requests.request(
        method, URL + path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    answer.raise_for_status()
    return answer.json()["data"]


def new_user(token, roles):
    name = f"visitor-{next(numbers)}"
    made = call("POST", "/user", token, {"username": name, "password": PASSWORD, "roleIds": roles})
    return name, made["id"]


_token = login(ADMIN)[0]
ADMIN_ID = 1
NOBODY = 999_999


def new_role(token):
    body = {"roleName": "schemathesis", "roleKey": f"schemathesis-{next(numbers)}"}
    return call("POST", "/role", token, body)["roleId"]


def new_dept(token):
    return call("POST", "/dept", token, {"deptName": f"schemathesis-{next(numbers)}"})["deptId"]


def new_menu(token):
    return call("POST", "/menu", token, {"menuName": f"schemathesis-{next(numbers)}"})["menuId"]


def new_code(token):
    code = f"shop:order:list-{next(numbers)}"
    call("POST", f"/perm/{code}", token, {"name": "schemathesis"})
    return code


def session_of(access):
    claims = access.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"]


def new_session(token):
    return session_of(login(new_user(token, [])[0])[0])


def picture():
    def chunk(kind, content):
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x40\x80\xc0" * 2) * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURE = ("picture.png", picture(), "image/png")


def new_file(token):
    answer = requests.post(
        f"{URL}/other/upload",
        files={"file": PICTURE},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["url"].rsplit("/", 1)[1]


# Something that is there, for operations on what is there.
ROLE = new_role(_token)
USER = new_user(_token, [ROLE])[1]
DEPT = new_dept(_token)
MENU = new_menu(_token)
CODE = new_code(_token)
FILE = new_file(_token)
# And how to make more of it, to be deleted.
MAKE = {
    "uid": lambda: new_user(login(ADMIN)[0], [])[1],
    "roleId": lambda: new_role(login(ADMIN)[0]),
    "deptId": lambda: new_dept(login(ADMIN)[0]),
    "menuId": lambda: new_menu(login(ADMIN)[0]),
    "code": lambda: new_code(login(ADMIN)[0]),
    "sid": lambda: new_session(login(ADMIN)[0]),
}
KNOWN = {
    "uid": lambda: USER,
    "roleId": lambda: ROLE,
    "deptId": lambda: DEPT,
    "menuId": lambda: MENU,
    "code": lambda: CODE,
    # A file's.
    "name": lambda: FILE,
    # A captcha's.
    "key": lambda: requests.get(f"{URL}/other/captcha", timeout=30).json()["captchaKey"],
}


@schemathesis.auth().skip_for(path_regex=OWN_USER)
class Administrator:
    """The first administrator, with one session for all calls."""

    def get(self, case, context):
        return login(ADMIN)

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data[0]}"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=OWN_USER)
class Visitor:
    """An administrator who was made for this one call."""

    def get(self, case, context):
        name, _ = new_user(login(ADMIN)[0], [1])
        return login(name)

    def set(self, case, data, context):
        access, refresh = data
        # POST /auth/session takes the refresh token, twice, instead of the access token.
        if context.operation.path == "/auth/session":
            case.headers["X-Refresh-Token"] = refresh
            case.cookies["token"] = refresh
        else:
            case.headers["Authorization"] = f"Bearer {access}"
        # Only her own sessions are there for her.
        positive = case.meta is None or case.meta.generation.mode.is_positive
        if context.operation.path == "/auth/sessions/{sid}" and positive:
            case.path_parameters["sid"] = session_of(access)


DROP = object()

# What fields must hold to be accepted, where only the database knows. A schema that is more
# exact is better than a line here.
EXISTING = {
    # Codes and ids that exist.
    "permission": ["system:user:list"],
    "permissions": ["system:user:list"],
    "menuIds": [],
    "deptIds": [],
    "roleIds": [],
    "deptId": None,
    "parentId": None,
    "roleId": ROLE,
    # The right password, and one that is not easy to guess.
    "password": PASSWORD,
    "Password": PASSWORD,
    "currentPassword": PASSWORD,
    "newPassword": NEW_PASSWORD,
    # A captcha is there to be unanswerable.
    "captchaCode": DROP,
    "captchaKey": DROP,
    "CaptchaCode": DROP,
    "CaptchaKey": DROP,
    # Neither short messages nor vendors are set up.
    "LoginType": "psw",
}


def corrected(values):
    for name, good in EXISTING.items():
        if name in values:
            if good is DROP:
                del values[name]
            elif isinstance(good, list) and isinstance(values[name], str):
                values[name] = good[0]
            elif values[name] is not None:
                values[name] = good
    # The end must not be before the beginning.
    if values.get("beginTime") and values.get("endTime"):
        values["endTime"] = values["beginTime"]


def corrected_login(body, turn):
    """Document E's login: a name, since no vendor is set up, and a password, which it takes."""
    body["Password"] = PASSWORD
    if turn % 2 == 0:
        body["LoginCode"] = ADMIN
    elif isinstance(body.get("LoginCode"), str) and len(body["LoginCode"]) > 254:
        body["LoginCode"] = "x" * 254


def sent_file(case, n, kwargs):
    """Files that are what a schema can't tell."""
    if case.operation.label == "POST /other/upload":
        kwargs["files"] = {"file": PICTURE}
    elif case.operation.label == "POST /user/import":
        table = f"username,nickname\nimported-{n},Lin Wei\n".encode()
        if case.media_type == "text/csv":
            kwargs["data"] = table
        else:
            kwargs["files"] = {"file": ("users.csv", table, "text/csv")}


@schemathesis.hook
def before_call(context, case, kwargs):
    # What all calls need stays as it is.
    if case.method != "GET" and str(case.path_parameters.get("uid")) == str(ADMIN_ID):
        case.path_parameters["uid"] = NOBODY
    if case.method == "DELETE":
        for name, kept in (("uid", USER), ("roleId", ROLE), ("deptId", DEPT), ("menuId", MENU)):
            if str(case.path_parameters.get(name)) == str(kept):
                case.path_parameters[name] = NOBODY
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    n = next(numbers)
    # Every other call of what takes an id finds something there.
    turn = next(turns)
    if turn % 2 == 0:
        ways = MAKE if case.method == "DELETE" else KNOWN
        for name, way in ways.items():
            if name in case.path_parameters:
                case.path_parameters[name] = way()
    # Both may stand in the query or in the body, but must stand somewhere.
    if case.operation.label == "PUT /perm":
        case.query.setdefault("roleId", ROLE)
        case.query.setdefault("permissions", EXISTING["permissions"])
    # The pattern of a header is not always heeded by the generator.
    if "X-Menshen-Permission" in case.headers:
        case.headers["X-Menshen-Permission"] = EXISTING["permission"][0]
    corrected(case.query)
    sent_file(case, n, kwargs)
    body = case.body
    if isinstance(body, dict):
        corrected(body)
        if case.operation.label == "POST /api/login":
            corrected_login(body, turn)
        if case.operation.label == "POST /api/register" and isinstance(body.get("LoginCode"), str):
            body["LoginCode"] = f"{body['LoginCode'][:40]}{n}"
        # Only an account that has no password may leave its current one out.
        if case.operation.label == "PUT /auth/password":
            body["currentPassword"] = PASSWORD
        # A taken name is a 400 by the contract.
        if case.path.startswith("/user") and isinstance(body.get("username"), str):
            body["username"] = f"{body['username'][:40]}{n}"
    elif isinstance(body, list) and case.path.endswith("/bind"):
        case.body = [ROLE]
