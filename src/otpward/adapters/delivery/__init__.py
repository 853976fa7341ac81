"""The post: Korea Post follows parcels; a generic carrier gives numbers, too."""
