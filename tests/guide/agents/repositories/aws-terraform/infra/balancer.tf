resource "aws_lb" "web" {
  load_balancer_type = "application"
}

resource "aws_lb_target_group" "app" {
  stickiness {
    type = "lb_cookie"
  }
}
