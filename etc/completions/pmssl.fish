# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pmssl_global_optspecs
    string join \n lang= json root= h/help V/version
end

function __fish_pmssl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pmssl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pmssl_using_subcommand
    set -l cmd (__fish_pmssl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pmssl -n "__fish_pmssl_needs_command" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_needs_command" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_needs_command" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pmssl -n "__fish_pmssl_needs_command" -s V -l version -d 'Print version'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "check" -d 'Try the way to a vendor: name, connection, TLS, credentials, balance'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "doctor" -d 'Examine this installation: files, settings, database, key, logs, services'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "orders" -d 'List services with their certificates and orders'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "show" -d 'Show everything about one service'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "sync" -d 'Ask the vendor about one service\'s order now'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "plan" -d 'Show the coming reissues and renewals of services'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "forecast" -d 'Show how many reissues and renewals are coming, by week and vendor'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "daemon" -d 'Follow pending orders and reissue certificates inside their paid term'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "resolve" -d 'Settle an order whose outcome is unknown'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "retry" -d 'Restart operations that BILLmanager has stopped after failed tries'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "rehearse" -d 'Run an ordering command up to the request that would be sent, and show it'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "reissue" -d 'Have certificates reissued by the daemon, revoked ones first'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "balance" -d 'Show the balances at the vendors'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "products" -d 'Show what a vendor sells to an account, with prices'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "metrics" -d 'Print services, certificates and balances for Prometheus'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "capture" -d 'Record a vendor\'s harmless answers, masked, for the developers'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "install" -d 'Put the modules into the platform'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "uninstall" -d 'Take the modules out of the platform again'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "modules" -d 'List the modules with their vendors, settings and number of products'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "forms" -d 'Write the platform\'s XML forms of all modules into a directory'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "man" -d 'Print the manual'
complete -c pmssl -n "__fish_pmssl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l url -d 'Typed settings: address of the vendor\'s API' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l partner-code -d 'Typed settings: partner code' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l username -d 'Typed settings: user name' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l set -d 'Typed settings: any other setting that is no secret' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l secret-file -d 'Typed settings: file whose first line is the secret' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l all -d 'Check all accounts of all modules'
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand check" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l near-end -d 'Name services whose certificate ends within so many days' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l quiet -d 'Do not show what is good'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l nagios -d 'Answer as a plugin of Nagios: one line with the state and numbers, then each kind of finding once'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l list -d 'Only list everything that can be found, with identifiers and remedies'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l upgrade -d 'Tell what this version changes on its first day here; nothing else is examined'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l state -d 'Only services in one of these states, separated by commas' -r -f -a "not-ordered\t''
prepared\t''
rejected\t''
unknown\t''
unreadable\t''
waiting\t''
issued\t''
failed\t''
deleted\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l name -d 'Only services with this text in their names or order number' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l due -d 'Only services whose end date comes within so many days, or is past' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -s o -l format -d 'A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)' -r -f -a "table\t''
wide\t''
csv\t''
json\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l limit -d 'Print so many rows at most' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l sort -d 'Sort by this column; nothing is printed before all is read' -r -f -a "service\t''
name\t''
module\t''
account\t''
product\t''
state\t''
acts\t''
since\t''
order\t''
end-date\t''
look\t''
why\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l columns -d 'Columns of the table or CSV, separated by commas' -r -f -a "service\t''
name\t''
module\t''
account\t''
product\t''
state\t''
acts\t''
since\t''
order\t''
end-date\t''
look\t''
why\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l stuck -d 'Only services that need a person\'s look'
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand orders" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -l item -d 'The service' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -l pem -d 'Print the stored certificate and its chain only, in PEM, as a server takes them'
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand show" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand sync" -l item -d 'The service' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand sync" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand sync" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand sync" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand sync" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l item -d 'Only this service' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -s o -l format -d 'A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)' -r -f -a "table\t''
wide\t''
csv\t''
json\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l limit -d 'Print so many rows at most' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l sort -d 'Sort by this column; nothing is printed before all is read' -r -f -a "service\t''
day\t''
what\t''
by\t''
until\t''
end\t''
lifetime\t''
paid\t''
proof\t''
company\t''
warning\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l columns -d 'Columns of the table or CSV, separated by commas' -r -f -a "service\t''
day\t''
what\t''
by\t''
until\t''
end\t''
lifetime\t''
paid\t''
proof\t''
company\t''
warning\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand plan" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l weeks -d 'So many weeks, the current one included; 52 otherwise' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l until -d 'Up to this day' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -s o -l format -d 'A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)' -r -f -a "table\t''
wide\t''
csv\t''
json\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l limit -d 'Print so many rows at most' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l sort -d 'Sort by this column; nothing is printed before all is read' -r -f -a "week\t''
vendor\t''
reissues\t''
client\t''
person\t''
renewals\t''
lapses\t''
unknown\t''
bar\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l columns -d 'Columns of the table or CSV, separated by commas' -r -f -a "week\t''
vendor\t''
reissues\t''
client\t''
person\t''
renewals\t''
lapses\t''
unknown\t''
bar\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand forecast" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l item -d 'Only this service, whether or not its time has come' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l once -d 'One pass, then end'
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l dry-run -d 'Only tell what would be looked at; nothing is asked, nothing is changed'
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand daemon" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l item -d 'The service' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l adopt -d 'The order exists: its number as the vendor\'s panel shows it' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l foreign -d 'Orders that are somebody else\'s, separated by commas' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l replace -d 'Another order number in the place of the one that the service has' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l not-placed -d 'Nothing was bought'
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l unseen -d 'The vendor cannot be asked, and a person has looked in its panel'
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l yes -d 'Do not ask for confirmation'
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand resolve" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l state -d 'Services in one of these states, separated by commas' -r -f -a "not-ordered\t''
prepared\t''
rejected\t''
unknown\t''
unreadable\t''
waiting\t''
issued\t''
failed\t''
deleted\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l item -d 'This service, also while BILLmanager still runs its operation by itself' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l stuck -d 'Services that \'pmssl orders --stuck\' lists or whose operation has stopped'
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l dry-run -d 'Show what would be restarted and what is left out, change nothing'
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l yes -d 'Do not ask for confirmation'
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand retry" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l item -d 'This service' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l command -d 'What is rehearsed; the service\'s queued operation otherwise' -r -f -a "open\t''
prolong\t''
reopen\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand rehearse" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l item -d 'This service, also after a refusal' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l issuer -d 'Services whose certificate\'s issuer has this text in its name' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l serials -d 'Services whose certificate has one of these serial numbers, hexadecimal, one in a line' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l limit -d 'At most so many services now' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l revoked -d 'Services whose certificate the vendor shows as revoked'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l new-key -d 'The key is to blame: tell the clients to make a new CSR and to reissue with it; nothing is sent to the vendor'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l cancel -d 'Take the wish back where nothing has begun'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l dry-run -d 'Show what would be done and what is left out, change nothing'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l yes -d 'Do not ask for confirmation'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand reissue" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l account -d 'Only this account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l module -d 'Only this module' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l vendor -d 'Only the modules of this vendor' -r -f -a "thesslstore\t''
ispmanager\t''
leadertelecom\t''
globalsign\t''
enom\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand balance" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l account -d 'The account; not needed with --diff' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l only -d 'Only products whose code or name contains this text' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -s o -l format -d 'A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)' -r -f -a "table\t''
wide\t''
csv\t''
json\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l limit -d 'Print so many rows at most' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l sort -d 'Sort by this column; nothing is printed before all is read' -r -f -a "code\t''
name\t''
in-tariffs\t''
months\t''
price\t''
per-name\t''
per-wildcard\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l columns -d 'Columns of the table or CSV, separated by commas' -r -f -a "code\t''
name\t''
in-tariffs\t''
months\t''
price\t''
per-name\t''
per-wildcard\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l diff -d 'Compare with the tariffs that sell the products'
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand products" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand metrics" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand metrics" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand metrics" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand metrics" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand capture" -l account -d 'The account' -r
complete -c pmssl -n "__fish_pmssl_using_subcommand capture" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand capture" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand capture" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand capture" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l module -d 'Only these modules, separated by commas' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l etc -d 'Directory of the system\'s settings for units and log rotation; /etc for the usual root' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l copy -d 'Copy the program instead of linking to it'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l replace -d 'Move files of somebody else out of the way'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l adopt -d 'Take over the services of the platform vendor\'s own modules'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l beside -d 'Install under other names, beside the platform vendor\'s own modules'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l lock-host-moved -d 'SSLLockHost names another server for locks now, or none, on all nodes: go on with it'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l cron -d 'Put the cron line that starts a pass of the daemon, for systems without systemd; it works at once'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l no-refresh -d 'Do not refresh the platform\'s caches'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l dry-run -d 'Only tell what would be done'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand install" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l module -d 'Only these modules, separated by commas' -r -f -a "pmthesslstore\t''
pmispmgrssl\t''
pmleadertelecom\t''
pmglobalsign\t''
pmenomssl\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l yes -d 'Remove modules that accounts use'
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l no-refresh -d 'Do not refresh the platform\'s caches'
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l dry-run -d 'Only tell what would be done'
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand uninstall" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand modules" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand modules" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand modules" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand modules" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand forms" -l out -d 'Directory to write into, usually /usr/local/mgr5/etc/xml' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand forms" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand forms" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand forms" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand forms" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand completions" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand completions" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand completions" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand man" -l out -d 'Write all pages into this directory' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand man" -l lang -d 'Language of messages: en or ru; the locale decides otherwise' -r -f -a "en\t''
ru\t''"
complete -c pmssl -n "__fish_pmssl_using_subcommand man" -l root -d 'The platform\'s directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise' -r -F
complete -c pmssl -n "__fish_pmssl_using_subcommand man" -l json -d 'Print JSON for programs instead of tables for people'
complete -c pmssl -n "__fish_pmssl_using_subcommand man" -s h -l help -d 'Print help'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "check" -d 'Try the way to a vendor: name, connection, TLS, credentials, balance'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "doctor" -d 'Examine this installation: files, settings, database, key, logs, services'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "orders" -d 'List services with their certificates and orders'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "show" -d 'Show everything about one service'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "sync" -d 'Ask the vendor about one service\'s order now'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "plan" -d 'Show the coming reissues and renewals of services'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "forecast" -d 'Show how many reissues and renewals are coming, by week and vendor'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "daemon" -d 'Follow pending orders and reissue certificates inside their paid term'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "resolve" -d 'Settle an order whose outcome is unknown'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "retry" -d 'Restart operations that BILLmanager has stopped after failed tries'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "rehearse" -d 'Run an ordering command up to the request that would be sent, and show it'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "reissue" -d 'Have certificates reissued by the daemon, revoked ones first'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "balance" -d 'Show the balances at the vendors'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "products" -d 'Show what a vendor sells to an account, with prices'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "metrics" -d 'Print services, certificates and balances for Prometheus'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "capture" -d 'Record a vendor\'s harmless answers, masked, for the developers'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "install" -d 'Put the modules into the platform'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "uninstall" -d 'Take the modules out of the platform again'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "modules" -d 'List the modules with their vendors, settings and number of products'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "forms" -d 'Write the platform\'s XML forms of all modules into a directory'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "completions" -d 'Print the completions for a shell'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "man" -d 'Print the manual'
complete -c pmssl -n "__fish_pmssl_using_subcommand help; and not __fish_seen_subcommand_from check doctor orders show sync plan forecast daemon resolve retry rehearse reissue balance products metrics capture install uninstall modules forms completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
