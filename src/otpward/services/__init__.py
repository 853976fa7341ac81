"""What people do, in the order of the story.

1. `report_loss`: the token is stopped at once and a case opens; a mistaken report is lifted.
2. `prove_identity`: the member shows who they are, as strongly as policy asks.
3. `apply`: the request for a new token; approved or refused.
4. `issue`: a device is taken from stock, or a seed is made and sealed.
5. `deliver`: it travels, by post or over the counter, and its arrival is confirmed.
6. `register`: the member binds it, by serial or by QR code and key.
7. `activate`: one test OTP proves that it works; the old token retires.
8. `verify`: every day after, is this code good?

Around the story: `stock`, `retire`, `resync`, `health`, `backup`, `consent`, `contacts`, `oversee`, `sign_in`. Rooms do not
import one another; a door may call two in turn.
"""
