"""
A WordPress site, read by its REST API (`/wp-json/wp/v2/posts`).

    posts    what an answer says of each post, in the API's own words
    http     the read: newest first, and what was changed last
    recognise  whether any page belongs to such a site
    sweep    what is missing, once a day, and whether that can be believed
    places   where the site answers

Only what guests may read is asked for; what is under a password or private is
passed over, title included. A post of a language plugin (Polylang, WPML) is a
piece of its own, in the language that the plugin gives it, and names its
counterparts.
"""
