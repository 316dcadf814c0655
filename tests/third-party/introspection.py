"""OAuth 2.0 clients ask what tokens are worth: Authlib's resource protector, and its client."""

import time

import authlib
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import ResourceProtector
from authlib.oauth2.rfc6750.errors import InsufficientScopeError, InvalidTokenError
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from server import CLIENT, URL, login, revoke

ENDPOINT = f"{URL}/auth/introspect"


class Validator(IntrospectTokenValidator):
    """As Authlib's documentation has it."""

    def introspect_token(self, token_string):
        data = {"token": token_string, "token_type_hint": "access_token"}
        answer = requests.post(ENDPOINT, data=data, auth=CLIENT, timeout=10)
        answer.raise_for_status()
        return answer.json()


class Request:
    def __init__(self, token):
        self.headers = {"Authorization": f"Bearer {token}"}


protector = ResourceProtector()
protector.register_token_validator(Validator())


def enters(token, scopes):
    return protector.validate_request(scopes, Request(token))


tokens = login()
access = tokens["accessToken"]
token = enters(access, ["system:user:list"])
assert token["username"] == "root", token
assert token["token_type"] == "Bearer", token
assert token["exp"] > time.time(), token
try:
    enters(access, ["shop:order:refund"])
except InsufficientScopeError:
    pass
else:
    raise AssertionError("a scope that was not granted was taken")

# Authlib's own client sends the question, with its secret in the header or in the form.
for method in ["client_secret_basic", "client_secret_post"]:
    with OAuth2Session(*CLIENT, token_endpoint_auth_method=method) as session:
        for kind, value in [("access_token", access), ("refresh_token", tokens["refreshToken"])]:
            answer = session.introspect_token(ENDPOINT, token=value, token_type_hint=kind)
            assert answer.status_code == 200, answer.text
            assert answer.json()["active"] is True, answer.text
        answer = session.introspect_token(ENDPOINT, token="nonsense")
        assert answer.json() == {"active": False}, answer.text

revoke(access)
try:
    enters(access, ["system:user:list"])
except InvalidTokenError:
    pass
else:
    raise AssertionError("the token of a session that has ended was taken")

wrong = requests.post(ENDPOINT, data={"token": access}, auth=("gateway", "wrong"), timeout=10)
assert wrong.status_code == 401, wrong.text
assert "Basic" in wrong.headers["WWW-Authenticate"], wrong.headers
print(f"Authlib {authlib.__version__}: good")
