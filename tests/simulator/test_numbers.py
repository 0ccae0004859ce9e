"""The numbers of the user."""

from support.simulated import OTHER, OURS, Simulate

from dispatcher.simulator.settings import Number, Settings


async def test_the_numbers_of_the_user(logged_in: Simulate) -> None:
    numbers = (Number(OURS), Number(OTHER, ("CallerId",), usage="MainCompanyNumber"))
    client = await logged_in(Settings(numbers=numbers))
    answer = await client.get("/phone-number")
    first, second = answer.json["records"]
    assert (first["phoneNumber"], first["features"]) == (OURS, ["CallerId", "SmsSender"])
    assert (first["status"], first["usageType"], first["primary"]) == (
        "Normal",
        "DirectNumber",
        True,
    )
    assert (second["phoneNumber"], second["primary"]) == (OTHER, False)
    assert answer.json["paging"]["totalElements"] == 2
    assert (await client.get("/phone-number?perPage=1&page=2")).ids == [second["id"]]
    assert (await client.get("/phone-number?usageType=DirectNumber")).ids == [first["id"]]


async def test_how_a_number_is_registered(logged_in: Simulate) -> None:
    numbers = (Number(OURS), Number(OTHER, campaign=None))
    client = await logged_in(Settings(numbers=numbers))
    ids = (await client.get("/phone-number")).ids
    registered = (await client.get(f"/phone-number/{ids[0]}/sms-configuration")).json
    assert registered["phoneNumber"] == OURS
    assert registered["phoneNumberId"] == str(ids[0])
    assert registered["smsCampaignInfo"]["status"] == "Confirmed"
    account = f"/restapi/v1.0/account/~/phone-number/{ids[1]}/sms-configuration"
    unregistered = (await client.request("GET", account)).json
    assert unregistered == {"phoneNumberId": str(ids[1]), "phoneNumber": OTHER}
    missing = await client.get("/phone-number/7/sms-configuration")
    assert (missing.status, missing.json["parameterName"]) == (404, "phoneNumberId")
