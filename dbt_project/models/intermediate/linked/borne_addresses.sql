{{ config(indexes=[{'columns': ['address_digest']}]) }}

-- Apart from persons_described: workers take part, and whom the digest of a protected home concerns is found by it.
select
    addresses.person_id,
    digests.digest as address_digest
from {{ ref('best_addresses') }} as addresses
cross join lateral meta.borne_address_digests(addresses.street_address, addresses.postcode) as digests (digest)
