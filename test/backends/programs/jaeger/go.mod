// What `go build` makes the test's Jaeger 2.2 of (its module is still numbered 1.65).
module chatdebug.test/jaeger

go 1.26

require github.com/jaegertracing/jaeger v1.65.0

// Jaeger's own replacement, which holds in its own module only.
replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0

tool github.com/jaegertracing/jaeger/cmd/jaeger
