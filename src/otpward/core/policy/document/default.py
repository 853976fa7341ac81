"""The policy of an institution that has said nothing: it is whole, and an empty text means exactly this."""

from typing import Final

DEFAULT: Final = """\
[words]
member = { ko = "회원", en = "member" }
branch = { ko = "영업점", en = "branch" }

[contact]
phone = ""
phone_abroad = ""
hours = { ko = "", en = "" }

[kinds.individual]
name = { ko = "본인 (성인)", en = "An adult" }
[kinds.minor]
name = { ko = "미성년자와 보호자", en = "A minor, with a guardian" }
like = "individual"
[kinds.corporation]
name = { ko = "법인과 담당자", en = "A company, through a delegate" }
[kinds.proxy]
name = { ko = "대리인", en = "Somebody else, as a proxy" }
like = "individual"
[kinds.abroad]
name = { ko = "해외에 있는 본인", en = "A member who is abroad" }
like = "individual"

[documents.id_card]
name = { ko = "신분증", en = "an ID card" }
identity = ["resident_card", "driver_license", "passport", "alien_registration_card"]
[documents.guardian_id]
name = { ko = "보호자 신분증", en = "the guardian's ID card" }
whom = "guardian"
identity = ["resident_card", "driver_license", "passport", "alien_registration_card"]
[documents.family_certificate]
name = { ko = "가족관계증명서(상세)", en = "a family relation certificate (detailed)" }
months = 3
shown = ["counter", "upload"]
[documents.basic_certificate]
name = { ko = "기본증명서(상세)", en = "a basic certificate (detailed)" }
months = 3
shown = ["counter", "upload"]
[documents.delegate_id]
name = { ko = "담당자 신분증", en = "the delegate's ID card" }
whom = "delegate"
identity = ["resident_card", "driver_license", "passport", "alien_registration_card"]
[documents.business_registration]
name = { ko = "사업자등록증", en = "the business registration certificate" }
whom = "corporation"
shown = ["counter", "upload"]
[documents.corporate_register]
name = { ko = "법인등기사항전부증명서", en = "the full corporate register extract" }
whom = "corporation"
months = 3
shown = ["counter", "upload"]
[documents.corporate_seal]
name = { ko = "법인인감증명서", en = "the corporate seal certificate" }
whom = "corporation"
months = 3
shown = ["counter", "upload"]
[documents.power_of_attorney]
name = { ko = "위임장", en = "a power of attorney" }
shown = ["counter", "upload"]
[documents.seal_certificate]
name = { ko = "본인 인감증명서 또는 본인서명사실확인서", en = "the member's seal or signature certificate" }
months = 3
shown = ["counter", "upload"]
[documents.proxy_id]
name = { ko = "대리인 신분증", en = "the proxy's ID card" }
whom = "proxy"
identity = ["resident_card", "driver_license", "passport", "alien_registration_card"]
[documents.passport]
name = { ko = "여권", en = "a passport" }
identity = ["passport"]
[documents.entry_record]
name = { ko = "출입국사실증명서", en = "a certificate of entry and exit" }
months = 3
shown = ["counter", "upload"]

[rules.all]
offered = true
documents = ["id_card"]
fee_won = 0
fee_first = true
working_days = 2
two_people = false
approvers = ["branch", "administrator"]
hold_hours = 0
[rules.by_post]
deliveries = ["post"]
working_days = 4
[rules.by_app]
deliveries = ["app"]
documents = []
working_days = 1
[rules.minor]
kinds = ["minor"]
documents = ["guardian_id", "family_certificate", "basic_certificate"]
[rules.corporation]
kinds = ["corporation"]
documents = ["delegate_id", "business_registration", "corporate_register", "corporate_seal", "power_of_attorney"]
[rules.proxy]
kinds = ["proxy"]
documents = ["proxy_id", "power_of_attorney", "seal_certificate"]
[rules.abroad]
kinds = ["abroad"]
documents = ["passport", "entry_record"]

[waivers.faulty]
name = { ko = "받은 지 12개월 안에 고장 난 기기", en = "a device that broke within 12 months" }
reasons = ["faulty"]
device_months = 12
[waivers.senior]
name = { ko = "65세 이상", en = "members of 65 and older" }
used = false
age_from = 65
[waivers.first]
name = { ko = "첫 발급", en = "the first OTP" }
used = false
reasons = ["first_issue"]

[deadlines]
draft_days = 14
more_days = 14
pick_up_days = 14
approval_days = 3

[post]
mail_class = "recipient_only"
missing_days = 30

[stock]
sha1_until_year = 2099

[refusals]
identity = { ko = "신청한 분이 본인인지 확인하지 못했습니다. 신분증을 가지고 영업점으로 와 주세요.", \
en = "We could not make sure that the application is yours. Come to a branch with your ID." }
found = { ko = "OTP를 찾아 다시 쓸 수 있어 새 OTP가 필요하지 않습니다.", \
en = "Your OTP was found and works again, so no new one is needed." }
holder = { ko = "회원님 명의로 등록된 OTP가 아닙니다.", en = "This OTP is not registered to you." }
wish = { ko = "회원님이 진행하지 않겠다고 알려 주셨습니다.", en = "You asked us not to go on with it." }

[requests]
serial = { ko = "일련번호가 기록과 다릅니다. 기기 뒷면의 번호를 적어 주세요.", \
en = "The serial number does not match our record. Write the number on the back of the device." }
reason = { ko = "OTP를 마지막으로 언제 어디에서 썼는지 알려 주세요.", \
en = "Tell us what happened to the OTP: when and where you last used it." }
address = { ko = "주소가 빠져 있습니다. 건물 이름, 동·호수, 우편번호까지 적어 주세요.", \
en = "The address is not complete. Write the building, the floor or the flat number, and a postcode." }
call = { ko = "전화로 연락하지 못했습니다. 신청 번호를 준비해 전화해 주세요.", \
en = "We could not reach you by phone. Call us and have your application number at hand." }

[retention]
application_years = 5
access_years = 5
payment_years = 5
document_days = 30

[reminders]
expiry_days = [60, 30, 7]
check_months = 12
dormant_months = 12
quiet_from = "21:00"
quiet_until = "08:00"
quiet_zone = "+09:00"
ways = ["talk", "text", "email"]

[temporary_pass]
hours = 0
codes = 5

[phone_app]
move = false
"""
"""Fees, times and papers are those of before there was a policy; the papers of other kinds are the usual ones. A version
keeps all of this from its approval on (`build.whole_of`), so a change here is for texts that are approved after it."""
