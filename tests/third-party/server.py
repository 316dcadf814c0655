"""The server under test: scripts/third-party starts it and says where it is."""

import os

import requests

URL = os.environ["MENSHEN_URL"]
CLIENT = (os.environ["MENSHEN_CLIENT_ID"], os.environ["MENSHEN_CLIENT_SECRET"])


def login():
    body = {"username": "root", "password": os.environ["MENSHEN_ADMIN_PASSWORD"]}
    answer = requests.post(f"{URL}/auth/login", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json() | {"refreshToken": answer.headers["X-Refresh-Token"]}


def revoke(token):
    headers = {"Authorization": f"Bearer {token}"}
    requests.post(f"{URL}/auth/logout", headers=headers, timeout=10).raise_for_status()
