#!/bin/bash
# Gives roles of the server the passwords that lie in files named after them, such as akrim_centre_oslo_password; as its superuser:
#     passwords.sh FOLDER...
# psql asks for a password as it asks a person, and sends its SCRAM secret: no command line, statement or log has the password.
set -euo pipefail
for folder in "$@"; do
    for file in "$folder"/{akrim,airflow}*_password; do
        [ -s "$file" ] || continue
        role=$(basename "$file" _password)
        password=$(cat "$file")
        # Without a terminal psql reads it, twice, from its standard input; printf is the shell's own.
        printf '%s\n%s\n' "$password" "$password" |
            setsid --wait psql --quiet --set ON_ERROR_STOP=1 --command "\\password \"$role\"" >/dev/null
    done
done
