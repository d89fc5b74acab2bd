resource "aws_ecs_service" "app" {
  desired_count = 3
}

resource "aws_cloudfront_distribution" "web" {
}
