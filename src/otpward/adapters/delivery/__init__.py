"""Following a parcel on its way: Korea Post."""
